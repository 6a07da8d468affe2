package import Kubernetes

/// Tells the people of a cluster what is decided: a notice becomes an Event of its object.
package struct EventRecorder: Sendable {
  private let client: Client
  private let instance: String
  private let now: @Sendable () -> Timestamp

  /// - Parameter instance: which daemon this is.
  package init(_ client: Client, instance: String, now: @escaping @Sendable () -> Timestamp) {
    self.client = client
    self.instance = instance
    self.now = now
  }

  /// Makes the Event, or counts it where the same was told before.
  ///
  /// An Event is for people to read, so one that can't be written keeps nothing from going on.
  /// - Returns: why it couldn't be written; nil where it was.
  package func record(_ notice: Notice) async -> (any Error)? {
    let event = NoticeEvent(notice, instance: instance)
    do {
      do {
        _ = try await client.create(.events, event.object(at: now()))
      } catch let failure as APIFailure where failure.reason == .alreadyExists {
        // One that has run out in between is told when it happens again.
        guard let told = try await client.find(.events, event.key) else { return nil }
        _ = try await client.patch(.events, event.key, event.again(after: told, at: now()))
      }
      return nil
    } catch {
      return error
    }
  }
}
