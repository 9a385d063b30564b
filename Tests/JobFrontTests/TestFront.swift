import JobFrontTesting
import NIOCore

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

/// Starts a front, and the daemon unless told otherwise, calls the body, and stops both.
func withFront(
    startsDaemon: Bool = true, script: @escaping StubDaemon.Script = { _ in nil },
    configure: (inout FrontConfiguration) -> Void = { _ in }, _ body: (TestFront) async throws -> Void
) async throws {
    try await withSurroundings(startsDaemon: startsDaemon, script: script, configure: configure) { around in
        let front = try await Front.make(around.configuration, on: around.loop, logger: around.logger)
        try await call({
            try await body(
                TestFront(directory: around.directory, daemon: around.daemon, front: front, loop: around.loop))
        }) { try await front.stop().get() }
    }
}
