/// Copying and sorting. The page says all it has to say without it.
enum PageScript {
  static let text = #"""
    for (const button of document.querySelectorAll("button.copy")) {
      button.addEventListener("click", async () => {
        const code = button.parentElement.querySelector("code");
        try {
          await navigator.clipboard.writeText(code.textContent);
          button.textContent = "Copied";
        } catch {
          getSelection().selectAllChildren(code);
          button.textContent = "Selected";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
    }
    for (const heading of document.querySelectorAll("table.trials th")) {
      heading.querySelector("button").addEventListener("click", () => {
        const body = heading.closest("table").tBodies[0];
        const column = heading.cellIndex;
        const rising = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
        const key = (row) => row.cells[column].dataset.key;
        const isNumber = heading.classList.contains("number");
        const order = (a, b) => {
          const [left, right] = [key(a), key(b)];
          if (left === "" || right === "") return (left === "") - (right === "");
          const difference = isNumber ? left - right : left.localeCompare(right);
          return rising ? difference : -difference;
        };
        body.append(...[...body.rows].sort(order));
      });
    }

    """#
}
