import Foundation
import Testing
import Transport

struct FileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `a lock has one holder, and says who`() throws {
    let path = folder.path + "/lock"
    let lock = try FileLock(path: path)
    withExtendedLifetime(lock) {
      let identifier = ProcessInfo.processInfo.processIdentifier
      let error = #expect(throws: FileLockError.self) { _ = try FileLock(path: path) }
      #expect(error == .held(path: path, by: identifier))
      #expect(
        error?.description == "\(path): held by process \(identifier); "
          + "wait until that ends, or choose another directory")
    }
  }

  @Test func `a lock that was let go of can be had again`() throws {
    let path = folder.path + "/lock"
    for _ in 0..<3 { _ = try FileLock(path: path) }
  }

  @Test func `a lock in a folder that is missing is an error`() {
    #expect(throws: FileLockError.self) { _ = try FileLock(path: folder.path + "/no/lock") }
  }

  @Test func `lines come back in the order they were added in`() throws {
    let path = folder.path + "/journal"
    let file = try AppendOnlyFile(path: path)
    #expect(file.lines.isEmpty)
    for line in ["one", "zwölf", "three"] { try file.append(line) }
    #expect(try AppendOnlyFile(path: path).lines == ["one", "zwölf", "three"])
  }

  @Test(arguments: [
    ("", []), ("torn", []), ("whole\n", ["whole"]), ("whole\ntorn", ["whole"]),
    ("one\ntwo\n{\"torn\":", ["one", "two"]),
  ])
  func `a torn last line is dropped, and lines go on behind the whole ones`(
    content: String, whole: [String]
  ) throws {
    let path = try folder.file("journal", content)
    let file = try AppendOnlyFile(path: path)
    #expect(file.lines == whole)
    try file.append("next")
    #expect(try AppendOnlyFile(path: path).lines == whole + ["next"])
  }

  @Test func `a folder is no file to append to`() {
    let error = #expect(throws: FileError.self) { _ = try AppendOnlyFile(path: folder.path) }
    #expect(error?.description == "\(folder.path): could not be opened: Is a directory")
  }
}
