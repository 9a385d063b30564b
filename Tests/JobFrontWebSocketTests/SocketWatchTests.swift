import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SocketWatchTests {
    @Test func aWatchBeginsWithThePresentStateAndTellsEveryLaterOne() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 3)
            let socket = try await site.connect()
            let begun = try await socket.call("jobs.watch", ["jobIds": ["a", "b"]])
            #expect(begun["result"]?["watch"] == 1)
            #expect(begun["result"]?["jobs"]?.array?.map { $0["version"] } == [3])
            await site.daemon.until { _, watchCount in watchCount == 2 }
            site.daemon.set("a", version: 4)
            let changed = try await socket.next()
            #expect(changed["method"] == "jobs.changed")
            #expect(changed["params"]?["watch"] == 1)
            #expect(changed["params"]?["job"]?["version"] == 4)
            site.daemon.set("b", version: 1, status: "completed")
            #expect(try await socket.next()["params"]?["job"]?["jobId"] == "b")
            #expect(try await socket.call("jobs.unwatch", ["watch": 1], id: 2)["result"] == [:])
            await site.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test func whatAClientKnowsIsNotSaidAgain() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 3)
            let socket = try await site.connect()
            let begun = try await socket.call("jobs.watch", ["jobIds": ["a"], "since": ["a": 3]])
            #expect(begun["result"]?["jobs"] == [])
            await site.daemon.until { _, watchCount in watchCount == 1 }
            site.daemon.set("a", version: 4)
            #expect(try await socket.next()["params"]?["job"]?["version"] == 4)
        }
    }

    @Test func manySocketsOnOneJobAreOneWatchOfTheDaemon() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 1)
            var sockets: [TestSocket] = []
            for _ in 0..<20 {
                sockets.append(try await site.connect())
                #expect(try await sockets[sockets.count - 1].call("jobs.watch", ["jobIds": ["a"]])["result"] != nil)
            }
            await site.daemon.until { _, watchCount in watchCount == 1 }
            site.daemon.set("a", version: 2, status: "completed")
            for socket in sockets { #expect(try await socket.next()["params"]?["job"]?["version"] == 2) }
        }
    }

    @Test func aDeletedJobIsGoneForWhoWatchesItAndForWhoBeginsTo() async throws {
        let script: StubDaemon.Script = { call in
            guard call.method == .getJob, call.params["jobId"] == "gone" else { return nil }
            return .refusal(Refusal(.jobGone, "It was deleted.", details: ["jobStatus": "failed", "goneAt": "then"]))
        }
        try await withWebSockets(script: script) { (site) async throws in
            let socket = try await site.connect()
            let begun = try await socket.call("jobs.watch", ["jobIds": ["gone"]])
            #expect(begun["result"]?["jobs"] == [])
            let gone = try await socket.next()
            #expect(gone["method"] == "jobs.gone")
            #expect(gone["params"] == ["watch": 1, "jobId": "gone", "jobStatus": "failed", "goneAt": "then"])
        }
    }

    @Test func aWatchGoesOnWithAnotherDaemonAndNoVersionFalls() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 3)
            let socket = try await site.connect()
            _ = try await socket.call("jobs.watch", ["jobIds": ["a"]])
            await site.daemon.until { _, watchCount in watchCount == 1 }
            await site.daemon.stop()
            site.daemon.setSilently("a", version: 5)
            try await site.daemon.start()
            #expect(try await socket.next()["params"]?["job"]?["version"] == 5)
            await site.daemon.until { _, watchCount in watchCount == 1 }
            site.daemon.set("a", version: 4)
            site.daemon.set("a", version: 6, status: "completed")
            #expect(try await socket.next()["params"]?["job"]?["version"] == 6)
        }
    }

    @Test func aSlowClientSkipsStatesButNotTheLast() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 1)
            let socket = try await site.connect()
            _ = try await socket.call("jobs.watch", ["jobIds": ["a"]])
            await site.daemon.until { _, watchCount in watchCount == 1 }
            let filler = String(repeating: "x", count: 60_000)
            for version in 2...400 { site.daemon.set("a", version: version, more: ["filler": .string(filler)]) }
            site.daemon.set("a", version: 401, status: "completed")
            var versions: [Int64] = []
            while versions.last != 401 {
                versions.append(try #require(try await socket.next()["params"]?["job"]?["version"]?.integer))
            }
            #expect(versions == versions.sorted())
            #expect(Set(versions).count == versions.count)
            #expect(versions.count < 400)
        }
    }

    @Test func aWatchThatMissedSomethingEnds() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            _ = try await socket.call("jobs.watch")
            await site.daemon.until { calls, watchCount in
                watchCount == 1 && calls.count { $0.method == .unwatchJobs } == 1
            }
            site.daemon.lag()
            let lagged = try await socket.next()
            #expect(lagged["method"] == "jobs.lagged")
            #expect(lagged["params"] == ["watch": 1])
            await site.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test func whoWatchesIsToldThatTheDaemonDoesNotAnswerAndThatItDoesAgain() async throws {
        try await withWebSockets(configure: { $0.noticedAbsence = .milliseconds(1) }) { (site) async throws in
            let (watching, other) = (try await site.connect(), try await site.connect())
            _ = try await watching.call("jobs.watch", ["jobIds": ["a"]])
            _ = try await other.call("session.get")
            await site.daemon.stop()
            try await watching.next("jobs.away")
            try await site.daemon.start()
            try await watching.next("jobs.back")
            // Whoever watches nothing waits for no news.
            try await other.send(#"{"jsonrpc":"2.0","id":2,"method":"session.get"}"#)
            #expect(try await other.next()["id"] == 2)
        }
    }

    @Test func aWatchIsRefusedAsTheDaemonRefusesIt() async throws {
        let script: StubDaemon.Script = { call in
            [.watchJobs, .getJob].contains(call.method)
                ? .refusal(Refusal(.forbidden, "This token is not for that.")) : nil
        }
        try await withWebSockets(script: script) { (site) async throws in
            let socket = try await site.connect()
            for params in [[:], ["queue": "default"], ["jobIds": ["a"]], ["jobIds": []]] as [JSONValue] {
                #expect(try await socket.call("jobs.watch", params)["error"]?["data"]?["code"] == "forbidden")
            }
        }
    }

    @Test func oneSocketWatchesSoManyNamesAndNoMore() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            let names = JSONValue.array((0..<600).map { .string("job-\($0)") })
            #expect(try await socket.call("jobs.watch", ["jobIds": names])["result"]?["watch"] == 1)
            let more = try await socket.call("jobs.watch", ["jobIds": names], id: 2)
            #expect(more["error"]?["data"]?["code"] == "too-many-requests")
            _ = try await socket.call("jobs.unwatch", ["watch": 1], id: 3)
            #expect(try await socket.call("jobs.watch", ["jobIds": names], id: 4)["result"] != nil)
            // One that names nothing costs something, too.
            let rest = JSONValue.array((0..<399).map { .string("job-\($0)") })
            let nothing: JSONValue = ["jobIds": .array([])]
            let most = try await socket.call("jobs.watch", ["jobIds": rest], id: 5)
            #expect(most["result"] != nil)
            let last = try await socket.call("jobs.watch", nothing, id: 6)
            #expect(last["result"] != nil)
            let beyond = try await socket.call("jobs.watch", nothing, id: 7)
            #expect(beyond["error"]?["data"]?["code"] == "too-many-requests")
        }
    }

    @Test func aRequestWaitsForAChangeAsOverHTTP() async throws {
        try await withWebSockets { (site) async throws in
            site.daemon.set("a", version: 3)
            let socket = try await site.connect()
            async let answer = socket.call("jobs.get", ["jobId": "a", "since": 3, "waitSeconds": 50])
            await site.daemon.until { _, watchCount in watchCount == 1 }
            site.daemon.set("a", version: 4)
            #expect(try await answer["result"]?["version"] == 4)
        }
    }

    @Test func watchesEndWithTheirSocket() async throws {
        try await withWebSockets { (site) async throws in
            do {
                let socket = try await site.connect()
                _ = try await socket.call("jobs.watch", ["jobIds": ["a", "b"]])
                await site.daemon.until { _, watchCount in watchCount == 2 }
            }
            await site.daemon.until { _, watchCount in watchCount == 0 }
        }
    }
}
