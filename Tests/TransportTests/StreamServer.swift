import Foundation
import Kubernetes
import Synchronization
import Transport

/// A server of streams, running: it counts those that are open or were closed by us, and what it
/// could send.
final class StreamServer: Sendable {
  let url: String
  private let process: ChildProcess

  /// One for all tests that leave it as it was.
  static let shared = Result { try StreamServer() }

  init() throws {
    process = try ChildProcess(
      ["python3", "-c", Self.script], input: .untilWeEnd, output: .pipe)
    url = "http://127.0.0.1:" + process.firstLine()
  }

  func openStreams(_ connection: Connection) async throws -> Int {
    try await count("open", connection)
  }
  func closedStreams(_ connection: Connection) async throws -> Int {
    try await count("closed", connection)
  }
  func sentBytes(_ connection: Connection) async throws -> Int {
    try await count("sent", connection)
  }

  private func count(_ name: String, _ connection: Connection) async throws -> Int {
    let request = APIRequest(
      method: .get, path: "/counts", operation: "count", isIdempotent: true)
    return try await JSONReader.decode(connection.send(request).body)[name]?.integer ?? -1
  }

  private static let script = #"""
    import email.utils, http.server, json, os, select, socketserver, sys, threading, time
    lock, counts = threading.Lock(), {"open": 0, "closed": 0, "sent": 0}

    def add(name, number):
        with lock: counts[name] += number

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *arguments): pass

        def answer(self, status, body, headers={}):
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def chunk(self, data):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def stream(self, chunks):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            add("open", 1)
            try:
                for data in chunks:
                    if data: self.chunk(data); add("sent", len(data))
                    # Readable means closed: nothing more is sent to us.
                    elif select.select([self.connection], [], [], 0.05)[0]: break
            except OSError: pass
            finally: add("open", -1); add("closed", 1); self.close_connection = True

        def do_PATCH(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"].encode()
            self.answer(200, b"PATCH " + kind + b" " + body)

        def do_GET(self):
            path = self.path
            if path == "/counts":
                with lock: body = json.dumps(counts).encode()
                self.answer(200, body)
            elif path.startswith("/status/"):
                self.answer(int(path[8:]), b"status " + path[8:].encode(), {"Retry-After": "3"})
            elif path == "/until":
                self.answer(503, b"", {"Retry-After": email.utils.formatdate(time.time() + 3600, usegmt=True)})
            elif path == "/until-then":
                self.answer(503, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
            elif path == "/torn":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"only this")
                self.close_connection = True
            elif path == "/silent": select.select([self.connection], [], [], 10); self.close_connection = True
            elif path == "/silent-stream": self.stream(b"" for _ in range(600))
            elif path == "/ticking-stream":
                self.stream(b"tick\n" if n % 2 else b"" for n in range(600))
            elif path == "/fire-hose": self.stream(b"x" * 65535 + b"\n" for _ in range(4096))
            else: self.answer(404, b"")

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """#
}
