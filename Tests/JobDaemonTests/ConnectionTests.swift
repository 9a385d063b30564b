import Dispatch
import Glibc
import JSON
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// The control socket against clients that are strange, hasty or hostile.
@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test func aLineThatIsNotJSONEndsTheConnection() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send("GET / HTTP/1.1\n")
            #expect(try JSONValue.parse(await connection.next() ?? "")["error"]?["code"] == -32700)
            #expect(await connection.next() == nil)
        }
    }

    @Test func aLineThatIsTooLongEndsTheConnection() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try? await connection.send(String(repeating: "x", count: LineFraming.requestLimit + 1))
            let reply = try JSONValue.parse(await connection.next() ?? "null")
            #expect(reply["error"]?["code"] == -32600)
            #expect(reply["id"] == .null)
            #expect(await connection.next() == nil)
        }
    }

    @Test func manyLevelsOfBracketsAreRefused() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(String(repeating: "[", count: 100_000) + "\n")
            #expect(try JSONValue.parse(await connection.next() ?? "")["error"]?["code"] == -32700)
            #expect(await connection.next() == nil)
        }
    }

    @Test func whatWasAskedBeforeALineThatIsNotJSONIsAnsweredAndWhatFollowsIsNot() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(
                """
                {"jsonrpc":"2.0","id":1,"method":"jobs.create","params":{"jobId":"before"}}
                {"jsonrpc":
                {"jsonrpc":"2.0","id":2,"method":"jobs.create","params":{"jobId":"behind"}}

                """)
            var replies: Set<String> = []
            while let line = await connection.next() {
                let reply = try JSONValue.parse(line)
                replies.insert("\(reply["id"]?.text ?? "") \(reply["error"]?["code"]?.text ?? "done")")
            }
            #expect(replies == ["1 done", "null -32700"])
            #expect(try await harness.refusal(.getJob, ["jobId": "behind"])?.code == .jobNotFound)
        }
    }

    @Test func pipelinedRequestsAreAllAnswered() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            let lines = (1...3000).map {
                #"{"jsonrpc":"2.0","id":\#($0),"method":"jobs.create","params":{"jobId":"j\#($0)"}}"#
            }
            try await connection.send(lines.joined(separator: "\n") + "\n")
            var ids: Set<Int64> = []
            while ids.count < 3000, let line = await connection.next() {
                ids.insert(try #require(try JSONValue.parse(line)["id"]?.integer))
            }
            #expect(ids.count == 3000)
        }
    }

    @Test func aClientThatHasSentEverythingStillGetsItsReplies() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(
                #"{"jsonrpc":"2.0","id":1,"method":"jobs.get","params":{"jobId":"later","waitSeconds":50}}"# + "\n")
            try await connection.closeOutput()
            try await harness.call(.createJob, ["jobId": "later"])
            #expect(await connection.next()?.contains(#""jobId":"later""#) == true)
            #expect(await connection.next() == nil)
        }
    }

    @Test func anEmptyLineIsSkippedAndTheLastNeedsNoEnd() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send("\n\n" + #"{"jsonrpc":"2.0","id":1,"method":"queues.list","params":[]}"# + "\n\n")
            #expect(await connection.next()?.hasPrefix(#"{"jsonrpc":"2.0","id":1,"result":{"queues":"#) == true)
            try await connection.send(#"{"jsonrpc":"2.0","id":2,"method":"queues.list"}"#)
            try await connection.closeOutput()
            #expect(await connection.next()?.hasPrefix(#"{"jsonrpc":"2.0","id":2,"result":{"queues":"#) == true)
            #expect(await connection.next() == nil)
        }
    }

    // MARK: Who reads slowly

    private static let large = JSONValue.string(String(repeating: "x", count: 60_000))

    @Test func theStatesOfManyJobsComeInPieces() async throws {
        try await withDaemon { harness in
            let ids = (0..<60).map { "j\($0)" }
            for id in ids {
                try await harness.call(.createJob, ["jobId": .string(id), "metadata": ["text": Self.large]])
            }
            let connection = try await LineConnection.connect(to: harness.socketPath)
            let params: JSONValue = ["jobIds": .array(ids.map { .string($0) })]
            let request = #"{"jsonrpc":"2.0","id":1,"method":"jobs.watch","params":\#(params.text)}"#
            try await connection.send(request + "\n")
            let line = await connection.next() ?? ""
            #expect(line.utf8.count < 1_200_000)
            let result = try JSONValue.parse(line)["result"]
            var told = try #require(result?["jobs"]?.array).compactMap { $0["jobId"]?.string }
            #expect(told.count > 10 && told.count < 20)
            while told.count < ids.count, let line = await connection.next() {
                let params = try JSONValue.parse(line)["params"]
                #expect(params?["watch"] == result?["watch"])
                told.append(try #require(params?["job"]?["jobId"]?.string))
            }
            #expect(Set(told) == Set(ids) && told.count == ids.count)
        }
    }

    /// Also one of a client that ends its lines with a carriage return, too.
    @Test func anEmptyLineIsSkipped() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send("\n\r\n" + #"{"jsonrpc":"2.0","id":1,"method":"queues.list"}"# + "\r\n")
            #expect(await connection.next()?.contains(#""id":1,"result""#) == true)
        }
    }

    @Test func aWatchOfAllWhoseReaderIsTooSlowEndsAndSaysSo() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(#"{"jsonrpc":"2.0","id":1,"method":"jobs.watch"}"# + "\n")
            _ = await connection.next()
            try await connection.pauseReading()
            let count = UnsentStates.byteLimit / 60_000 + 40
            for index in 0..<count {
                try await harness.call(.createJob, ["jobId": .string("j\(index)"), "metadata": ["text": Self.large]])
            }
            try await connection.resumeReading()
            var line = await connection.next()
            while let changed = line, !changed.contains("jobs.lagged") { line = await connection.next() }
            #expect(line == #"{"jsonrpc":"2.0","method":"jobs.lagged","params":{"watch":1}}"#)
            // Nothing follows of it, and a new one begins.
            try await connection.send(#"{"jsonrpc":"2.0","id":2,"method":"jobs.watch"}"# + "\n")
            #expect(await connection.next() == #"{"jsonrpc":"2.0","id":2,"result":{"watch":2,"jobs":[]}}"#)
            try await harness.call(.createJob, ["jobId": "later"])
            #expect(await connection.next()?.contains(#""watch":2,"job":{"jobId":"later""#) == true)
        }
    }

    @Test func aLogIsReadInPagesWhateverTheClientAsksFor() async throws {
        try await withDaemon { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            let text = String(repeating: "x", count: 8000)
            for _ in 0..<4 {
                await harness.propose(
                    .report(.named("a"), run: 1, Report(lines: (0..<50).map { _ in .sample(text) })))
            }
            try await harness.call(.updateJob, ["jobId": "a", "metadata": ["seen": true]])
            let page = try await harness.call(.readLog, ["jobId": "a", "limit": 1000])
            let count = try #require(page["lines"]?.array?.count)
            #expect(count > 100 && count < 150 && page["next"]?.integer == Int64(count))
            let rest = try await harness.call(.readLog, ["jobId": "a", "limit": 1000, "after": JSONValue(count)])
            #expect(rest["lines"]?.array?.count == 200 - count)
        }
    }

    // MARK: Uploads

    @Test func anUploadThatIsNotCompletedEndsWithItsConnection() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(#"{"jsonrpc":"2.0","id":1,"method":"files.begin","params":{"name":"a"}}"# + "\n")
            #expect(await connection.next()?.contains("file_upload_0") == true)
            #expect(harness.disk.openUploads == 1)
            let params: JSONObject = ["fileId": "file_upload_0"]
            #expect(try await harness.refusal(.commitFile, params)?.code == .fileNotFound)
            try await connection.closeOutput()
            #expect(await connection.next() == nil)
            try await harness.call(.listQueues)
            #expect(harness.disk.openUploads == 0)
        }
    }

    // MARK: The socket

    @Test func manyClientsMayWaitToBeAccepted() async throws {
        try await withDaemon { harness in
            let (isHeld, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            harness.daemon.loop.execute {
                isHeld.signal()
                goesOn.wait()
            }
            let taken = await onOwnThread {
                isHeld.wait()
                defer { goesOn.signal() }
                return Self.connections(400, to: harness.socketPath)
            }
            #expect(taken == 400)
        }
    }

    /// How many of so many clients the socket takes while nobody accepts them.
    private static func connections(_ count: Int, to path: String) -> Int {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        var descriptors: [CInt] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for taken in 0..<count {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(descriptor)
            let isTaken = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            if !isTaken { return taken }
        }
        return count
    }

    @Test func aStaleSocketIsReplaced() throws {
        let directory = TemporaryDirectory()
        let path = directory.appending("s")
        close(try ControlSocket.listen(at: path))
        close(try ControlSocket.listen(at: path))
    }

    @Test func aSocketThatSomebodyListensOnIsLeftAlone() throws {
        let directory = TemporaryDirectory()
        let path = directory.appending("s")
        let first = try ControlSocket.listen(at: path)
        let failure = #expect(throws: ControlSocket.Failure.self) { try ControlSocket.listen(at: path) }
        #expect(failure?.description == "Another daemon listens on \(path).")
        close(first)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let directory = TemporaryDirectory()
        #expect(throws: ControlSocket.Failure.self) { try ControlSocket.listen(at: directory.path) }
    }

    @Test func aPathThatIsTooLongIsNamed() throws {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        let failure = #expect(throws: ControlSocket.Failure.self) { try ControlSocket.listen(at: path) }
        #expect(failure?.description.contains("107") == true)
    }
}
