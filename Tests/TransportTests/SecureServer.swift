import Foundation
import Transport

/// A server over TLS that says who it thinks a client is, and a proxy beside it that counts its
/// tunnels. Both are `localhost`, whose certificate is its own authority.
final class SecureServer: Sendable {
  let url: String
  let proxy: String
  private let process: ChildProcess

  static let shared = Result { try SecureServer() }

  /// The server's certificate with its key, which clients may show as well.
  static let certificatePath =
    Bundle.module.path(forResource: "localhost", ofType: "pem") ?? "localhost.pem"

  private init() throws {
    process = try ChildProcess(
      ["python3", "-c", Self.script, Self.certificatePath], input: .untilWeEnd, output: .pipe)
    let ports = process.firstLine().split(whereSeparator: \.isWhitespace)
    url = "https://localhost:\(ports.first ?? "0")"
    proxy = "http://127.0.0.1:\(ports.last ?? "0")"
  }

  private static let script = #"""
    import asyncio, http.server, os, socketserver, ssl, sys, threading
    tunnels = [0]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *arguments): pass

        # Here, so that clients that don't trust us keep nobody waiting.
        def setup(self):
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def do_GET(self):
            authorization, status = self.headers["Authorization"] or "none", 200
            if self.path.startswith("/only/") and authorization != "Bearer " + self.path[6:]: status = 401
            certificate = self.connection.getpeercert()
            name = dict(part[0] for part in certificate["subject"])["commonName"] if certificate else "none"
            body = f"{authorization}, certificate {name}, tunnels {tunnels[0]}".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    async def tunnel(reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).split()
        tunnels[0] += 1
        host, port = request[1].decode().rsplit(":", 1)
        there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        async def pump(source, sink):
            try:
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            except OSError: pass
            finally: sink.close()
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async def proxy():
        listener = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        print(server.server_address[1], listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads, request_queue_size = True, 64
        def handle_error(self, *arguments): pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    context.load_verify_locations(sys.argv[1])
    context.verify_mode = ssl.CERT_OPTIONAL
    server = Server(("localhost", 0), Handler)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asyncio.run(proxy())
    """#
}
