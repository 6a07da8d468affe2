/// The page's style sheet. Blue, orange and magenta keep apart under the common kinds of colour
/// blindness, and shapes and dashes repeat what they say.
enum PageStyle {
  static let text = colours + layout + tables + charts + print

  private static let colours = #"""
    :root {
      --paper: #fbfbfa; --card: #ffffff; --ink: #1b1f24; --soft: #59636e; --rule: #d9dde2;
      --faint: #eef0f2; --good: #0b5cad; --good-soft: #e3effb; --baseline: #b8520a;
      --failed: #a62a72; --grey: #7c8792; --code: #f4f5f6;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #12151a; --card: #1a1e24; --ink: #e7eaee; --soft: #9ba5b0; --rule: #333a43;
        --faint: #242a31; --good: #62b0f5; --good-soft: #16304a; --baseline: #f0a04b;
        --failed: #e889c0; --grey: #8a95a1; --code: #15191e;
      }
    }

    """#

  private static let layout = #"""
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; background: var(--paper);
      color: var(--ink); line-height: 1.5;
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    h1, h2 { line-height: 1.2; text-wrap: balance; }
    h1 { font-size: 2rem; margin: 0 0 .9rem; letter-spacing: -.02em; }
    h1.none { color: var(--failed); }
    h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
    p { margin: .5rem 0; max-width: 42rem; overflow-wrap: anywhere; }
    .kicker { margin: 0 0 1rem; color: var(--soft); font-size: .9rem; }
    .small { font-size: .85rem; color: var(--soft); margin: .2rem 0 .6rem; }
    .unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
    code, pre, .pill { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
    code { font-size: .88em; overflow-wrap: anywhere; }
    .hero { display: flex; gap: 2rem; justify-content: space-between; align-items: flex-start; }
    .advice { flex: 1; min-width: 0; }
    .pill {
      display: inline-block; margin: 0 .35rem .45rem 0; padding: .25rem .6rem; border-radius: .5rem;
      background: var(--good-soft); font-size: .9rem; overflow-wrap: anywhere;
    }
    .pill-name { color: var(--soft); }
    .pill b { color: var(--good); }
    .lead { margin-top: .9rem; font-size: 1.08rem; }
    .certainty { color: var(--soft); }
    .relax { margin-top: .9rem; padding-left: .9rem; border-left: 3px solid var(--failed); }
    .gain {
      display: flex; flex-direction: column; align-items: flex-end; text-align: right; flex: none;
    }
    .gain-figure {
      font-size: 3.6rem; line-height: 1; font-weight: 700; color: var(--good);
      letter-spacing: -.03em; font-variant-numeric: tabular-nums;
    }
    .gain-words { margin-top: .5rem; }
    .gain-range { color: var(--soft); font-size: .85rem; }
    .tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.2rem 0 2rem; }
    .tile {
      display: flex; flex-direction: column; flex: 1 1 10rem; padding: .8rem 1.1rem;
      background: var(--card); border: 1px solid var(--rule); border-radius: .7rem;
    }
    .tile-label { color: var(--soft); font-size: .85rem; }
    .tile-text { font-size: 1.45rem; font-weight: 600; }
    section, figure {
      margin: 0 0 1.2rem; padding: 1.2rem 1.3rem; background: var(--card); min-width: 0;
      border: 1px solid var(--rule); border-radius: .7rem;
    }
    .pair, .charts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem; margin-bottom: 1.2rem; }
    .pair > *, .charts > * { margin: 0; }
    .charts > :last-child:nth-child(odd):not(:only-child) { grid-column: 1 / -1; }
    .charts > :last-child:nth-child(odd):not(:only-child) svg { max-width: 36rem; margin: 0 auto; }
    .charts > :only-child { grid-column: 1 / -1; }
    .charts > :only-child svg { max-width: 36rem; margin: 0 auto; }
    .notes { border-left: 4px solid var(--baseline); }
    .bar {
      display: flex; height: 1.1rem; margin: .8rem 0 .6rem; border-radius: .3rem; overflow: hidden;
      background: var(--faint); border: 1px solid var(--rule);
    }
    .bar-visited { background: var(--good); min-width: 3px; }
    .bar-pruned {
      background: repeating-linear-gradient(45deg, var(--failed) 0 2px, transparent 2px 6px);
    }
    .bar-left { background: var(--faint); }
    .bar-key { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .8rem; padding: 0; font-size: .9rem; }
    .bar-key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border: 1px solid var(--rule); vertical-align: -.05rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0 0; font-size: .88rem; }
    dt { color: var(--soft); }
    dd { margin: 0; overflow-wrap: anywhere; }
    @media screen and (max-width: 52rem) {
      body { padding: 1.2rem .8rem 3rem; }
      .pair, .charts { grid-template-columns: 1fr; }
      .hero { flex-direction: column; gap: 1rem; }
      .gain { align-items: flex-start; text-align: left; }
      section, figure { padding: 1rem .9rem; }
      h1 { font-size: 1.6rem; }
    }

    """#

  private static let tables = #"""
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; }
    th, td { padding: .32rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--faint); }
    thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule); vertical-align: bottom; }
    tbody + tbody { border-top: 2px solid var(--rule); }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    td.number { white-space: nowrap; }
    .compare { table-layout: auto; }
    .compare tbody th { font-weight: 400; }
    .compare td.number { white-space: normal; overflow-wrap: anywhere; }
    .changed td:last-child { font-weight: 700; color: var(--good); }
    .unit, .interval { color: var(--soft); font-size: .85em; font-weight: 400; }
    .interval { display: block; white-space: nowrap; }
    .trials { font-size: .8rem; }
    .trials th, .trials td { padding: .3rem .45rem; }
    .trials th button {
      all: unset; cursor: pointer; text-align: inherit; font-size: .78rem;
    }
    .trials th button:focus-visible { outline: 2px solid var(--good); }
    .trials th[aria-sort=ascending] button::after { content: " ▲"; }
    .trials th[aria-sort=descending] button::after { content: " ▼"; }
    .trials .outcome { min-width: 8.5rem; max-width: 26rem; }
    .failed .outcome { color: var(--failed); }
    .trials tbody tr:hover { background: var(--faint); }
    .tag { padding: 0 .4rem; border-radius: .35rem; font-size: .75rem; color: var(--card); }
    .tag.recommended { background: var(--good); }
    .tag.baseline { background: var(--baseline); }
    .trials details[open] { color: var(--ink); padding-bottom: .4rem; }
    summary { cursor: pointer; }
    .trials details { display: inline-block; max-width: 100%; }
    pre {
      margin: .4rem 0; padding: .7rem .8rem; background: var(--code); border-radius: .4rem;
      overflow-x: auto; font-size: .8rem; line-height: 1.45;
    }
    .code { position: relative; }
    .code .copy {
      position: absolute; top: .5rem; right: .5rem; padding: .2rem .7rem; cursor: pointer;
      font: inherit; font-size: .8rem; color: var(--ink); background: var(--card);
      border: 1px solid var(--rule); border-radius: .35rem;
    }
    .patches details { border-top: 1px solid var(--faint); padding: .5rem 0; }
    .patches summary { font-weight: 600; }

    """#

  private static let charts = #"""
    .chart { display: block; width: 100%; height: auto; overflow: visible; }
    .chart .label, .chart .title { font: 11px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); }
    .chart .title { fill: var(--ink); }
    .chart .halo { paint-order: stroke; stroke: var(--card); stroke-width: 5px; }
    .chart .grid { stroke: var(--faint); }
    .chart .axis { stroke: var(--grey); }
    .chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    .chart .line.recommended { stroke: var(--good); }
    .chart .line.baseline { stroke: var(--baseline); stroke-dasharray: 6 3; }
    .chart .line.front { stroke: var(--grey); stroke-width: 1.5; stroke-dasharray: 2 3; }
    .chart .band { stroke: none; opacity: .16; }
    .chart .band.recommended { fill: var(--good); }
    .chart .band.baseline { fill: var(--baseline); }
    .chart .whisker, .chart .rate { fill: none; stroke-width: 1.2; }
    .chart .rate { stroke-dasharray: 1 3; }
    .chart .whisker.recommended, .chart .rate.recommended { stroke: var(--good); }
    .chart .whisker.baseline, .chart .rate.baseline { stroke: var(--baseline); }
    .chart .bound { stroke: var(--failed); stroke-width: 1.5; stroke-dasharray: 8 4; }
    .chart .bound-label { fill: var(--failed); }
    .chart .ideal { fill: none; stroke: var(--grey); stroke-dasharray: 3 4; }
    .chart .mark { stroke: var(--card); stroke-width: 1.2; }
    .chart .mark.recommended { fill: var(--good); }
    .chart .mark.baseline { fill: var(--baseline); }
    .chart .mark.feasible { fill: var(--card); stroke: var(--grey); stroke-width: 1.6; }
    .chart .cross { fill: none; stroke: var(--failed); stroke-width: 1.6; stroke-linecap: round; }
    .smalls { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
    .smalls figure { margin: 0; padding: 0; border: 0; }

    """#

  private static let print = #"""
    @media print {
      body { max-width: none; padding: 0; font-size: 9pt; background: #ffffff; }
      .pair, .charts { gap: .8rem; }
      section, figure { break-inside: avoid; border-color: #cccccc; }
      section:has(.trials) { break-inside: auto; }
      .scroll { overflow: visible; }
      .trials { font-size: 7pt; }
      .trials tr { break-inside: avoid; }
      .copy { display: none; }
      .bar-visited, .bar-pruned, .pill, .tag { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }

    """#
}
