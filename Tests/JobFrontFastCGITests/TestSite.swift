import JobTesting
import Foundation
import Glibc
import JobFront
import JobFrontFastCGI
import JobFrontTesting
import Logging
import NIOCore
import NIOPosix

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
    var template = Array("/tmp/jf-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FastCGIPeer.Failed(call: "mkdtemp") }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var configuration = FrontConfiguration(controlSocket: directory + "/jobd", storageDirectory: directory + "/data")
    configuration.stopGrace = .seconds(1)
    configure(&configuration)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let daemon = StubDaemon(path: configuration.controlSocket, group: group, script: script)
    if startsDaemon { try await daemon.start() }
    var logger = Logger(label: "front")
    logger.logLevel = .critical
    let listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = unixAddress(directory + "/front")
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    _ = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listening, $0, length) }
    }
    listen(listening, 1024)
    let front = FastCGIFront(configuration: configuration, listeningDescriptor: listening, logger: logger)
    async let running: Void = front.run()
    do {
        try await body(TestSite(directory: directory, daemon: daemon, front: front))
    } catch {
        front.stop()
        try await running
        throw error
    }
    front.stop()
    try await running
    await daemon.stop()
    try await group.shutdownGracefully()
}
