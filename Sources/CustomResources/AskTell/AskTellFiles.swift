/// Gives the text of a file that a message names, or says why it can't.
package struct AskTellFiles {
  package let read: (_ path: String) throws(AskTellError) -> String

  package init(read: @escaping (_ path: String) throws(AskTellError) -> String) {
    self.read = read
  }
}
