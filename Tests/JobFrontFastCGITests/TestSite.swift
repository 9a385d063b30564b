import JobTesting
import JobFront
import JobFrontFastCGI
import JobFrontTesting

/// A front as a web server sees it, with its own sockets and directory, in front of a stub daemon.
struct TestSite: Sendable {
    let directory: String
    let daemon: StubDaemon
    let front: FastCGIFront

    var socketPath: String { directory + "/front" }

    /// Sends a request on a connection of its own, and reads the whole answer.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = "", announced: Int? = nil
    ) async throws -> FastCGIPeer.Response {
        try await send(
            FastCGIPeer.request(method, target, headers: headers, body: Array(body.utf8), announced: announced))
    }

    func send(_ bytes: [UInt8]) async throws -> FastCGIPeer.Response {
        let path = socketPath
        return try await onOwnThread {
            let peer = try FastCGIPeer(path: path)
            try peer.send(bytes)
            return try peer.readResponse()
        }
    }

    /// Sends a request up to each of these bytes, on connections of their own.
    func begin(_ bytes: [UInt8], at counts: [Int]) async throws -> [(peer: FastCGIPeer, count: Int)] {
        let path = socketPath
        return try await onOwnThread {
            try counts.map { count in
                let peer = try FastCGIPeer(path: path)
                try peer.send(bytes.prefix(count))
                return (peer, count)
            }
        }
    }

    /// Opens a stream and leaves it open.
    func open(_ target: String, headers: [String: String] = [:]) async throws -> SiteStream {
        let path = socketPath
        return try await onOwnThread {
            let peer = try FastCGIPeer(path: path)
            try peer.send(FastCGIPeer.request("GET", target, headers: headers))
            return SiteStream(peer)
        }
    }
}

/// Starts a front, and the daemon unless told otherwise, calls the body, and stops both.
func withSite(
    startsDaemon: Bool = true, script: @escaping StubDaemon.Script = { _ in nil },
    configure: (inout FrontConfiguration) -> Void = { _ in }, _ body: (TestSite) async throws -> Void
) async throws {
    try await withSurroundings(startsDaemon: startsDaemon, script: script, configure: configure) { around in
        let front = FastCGIFront(
            configuration: around.configuration,
            listeningDescriptor: try UnixPeer.listen(at: around.directory + "/front"),
            logger: around.logger)
        async let running: Void = front.run()
        try await call({
            try await body(TestSite(directory: around.directory, daemon: around.daemon, front: front))
        }) { front.stop() }
        try await running
    }
}
