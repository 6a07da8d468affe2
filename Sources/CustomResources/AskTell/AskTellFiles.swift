/// Gives the text of a file that a message names, or says why it can't.
package struct AskTellFiles {
  package let read: (_ path: String) throws(AskTellError) -> String

  /// Gives the CSV tables in a directory of earlier services.
  package let tables: (_ directory: String) throws(AskTellError) -> [(name: String, csv: String)]

  package init(
    read: @escaping (_ path: String) throws(AskTellError) -> String,
    tables: @escaping (_ directory: String) throws(AskTellError) -> [(name: String, csv: String)] =
      { _ throws(AskTellError) in [] }
  ) {
    self.read = read
    self.tables = tables
  }
}
