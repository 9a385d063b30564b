import Glibc
import JSON
import JobModel
import JobTesting
import JobWire
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
