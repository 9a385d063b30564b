import Foundation
import Glibc
import JobFrontTesting
import Logging
import NIOCore
import NIOPosix

@testable import JobFront

/// A front without a web server: requests are values, and a stub is its daemon.
struct TestFront: Sendable {
    let directory: String
    let daemon: StubDaemon
    let front: Front
    let loop: any EventLoop

    /// Sends a request, whose parameters are those of an operator unless `headers` says otherwise.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = "", announced: Int? = nil
    ) async throws -> TestResponse {
        var bytes: [UInt8] = []
        for await part in begin(method, target, headers, body, announced) { bytes += part }
        return TestResponse(bytes)
    }

    /// Opens a stream and leaves it open.
    func open(_ target: String, headers: [String: String] = [:]) async -> StreamReader {
        StreamReader(begin("GET", target, headers, "", nil))
    }

    /// Returns once the front has its daemon: before, a stream would only be told to come back.
    func connected() async throws { _ = try await send("GET", "/api/queues") }

    /// Lets it end, without waiting for that.
    func stop() { _ = front.stop() }

    private func begin(
        _ method: String, _ target: String, _ headers: [String: String], _ body: String, _ announced: Int?
    ) -> AsyncStream<[UInt8]> {
        var parameters = ["REQUEST_METHOD": method, "REQUEST_URI": target, "JOBD_ROLE": "operator"]
        if !body.isEmpty || announced != nil { parameters["CONTENT_LENGTH"] = String(announced ?? body.utf8.count) }
        for (name, value) in headers { parameters[name] = value }
        let (output, continuation) = AsyncStream<[UInt8]>.makeStream()
        front.receive(
            TestRequest(
                HTTPRequest(parameters: parameters.map { "\($0)=\($1)" }), body: Array(body.utf8),
                responder: TestResponder(loop: loop, output: continuation)))
        return output
    }
}

private struct NoDirectory: Error {}

/// Starts a front, and the daemon unless told otherwise, calls the body, and stops both.
func withFront(
    startsDaemon: Bool = true, script: @escaping StubDaemon.Script = { _ in nil },
    configure: (inout FrontConfiguration) -> Void = { _ in }, _ body: (TestFront) async throws -> Void
) async throws {
    var template = Array("/tmp/jf-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw NoDirectory() }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var configuration = FrontConfiguration(controlSocket: directory + "/jobd", storageDirectory: directory + "/data")
    configuration.stopGrace = .seconds(1)
    configure(&configuration)
    // A daemon that is stuck does not stop the front.
    let groups = (0..<2).map { _ in MultiThreadedEventLoopGroup(numberOfThreads: 1) }
    let daemon = StubDaemon(path: configuration.controlSocket, group: groups[0], script: script)
    if startsDaemon { try await daemon.start() }
    var logger = Logger(label: "front")
    logger.logLevel = .critical
    let front = try await Front.make(configuration, on: groups[1].next(), logger: logger)
    let end = { () async throws in
        try await front.stop().get()
        await daemon.stop()
        for group in groups { try await group.shutdownGracefully() }
    }
    do {
        try await body(TestFront(directory: directory, daemon: daemon, front: front, loop: groups[1].next()))
    } catch {
        try await end()
        throw error
    }
    try await end()
}
