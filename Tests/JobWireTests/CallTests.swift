import JSON
import JobModel
@testable import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CallTests {
    @Test func aCreationIsReadWithEveryField() throws {
        let call = try Self.call(
            .createJob,
            """
            {"jobId":"a","jobType":"t","message":"m","metadata":{"k":1.0},"fileIds":["f1","f2"],"queue":"q",
             "priority":-100,"maxAttempts":1000,"delaySeconds":0.25,"onConflict":"reject"}
            """)
        let id = try #require(JobID("a"))
        let files = try ["f1", "f2"].map { try #require(FileID($0)) }
        let metadata = JSONText(["k": .number("1.0")])
        #expect(
            call
                == .command(
                    .create(
                        Creation(
                            jobId: id, jobType: "t", message: "m", metadata: metadata, queue: "q", priority: -100,
                            start: .after(.milliseconds(250)), maxAttempts: 1000, fileIds: files,
                            rejectsExisting: true))))
    }

    @Test func aFrontReportsWhatItAnswered() throws {
        let call = try Self.call(
            .reportFront, #"{"streams":2,"uploads":1,"requests":[{"operation":"getJob","status":"2xx","count":3}]}"#)
        let requests = [FrontReport.Requests(operation: "getJob", status: "2xx", count: 3)]
        #expect(call == .reportFront(FrontReport(streams: 2, uploads: 1, requests: requests)))
        for entry in [
            #"{"operation":"get job","status":"2xx","count":3}"#, #"{"operation":"a","status":"200","count":3}"#,
            #"{"operation":"a","status":"2xx","count":-1}"#, #"{"operation":"","status":"2xx","count":1}"#, "7",
        ] {
            #expect(throws: Refusal.self) { try Self.call(.reportFront, #"{"streams":0,"requests":[\#(entry)]}"#) }
        }
    }

    @Test func anUpdateTellsWhatStaysFromWhatIsNull() throws {
        let call = try Self.call(
            .updateJob,
            #"{"jobId":"a","progress":0.5,"message":null,"result":null,"metadata":{"k":null},"status":"failed"}"#)
        let id = try #require(JobID("a"))
        let update = Update(
            status: .failed, progress: 0.5, message: .set(nil), metadata: ["k": .null], result: .set(nil))
        #expect(call == .command(.update(id, update)))
    }

    @Test func anUpdateMayRenewALeaseAddLinesAndExpectAVersion() throws {
        let call = try Self.call(
            .updateJob,
            #"{"jobId":"a","leaseSeconds":30,"lines":[{"stream":"stderr","text":"x"}],"priority":-3,"runAt":null,"run":2,"ifVersion":7}"#
        )
        let id = try #require(JobID("a"))
        let update = Update(
            leaseSeconds: 30, lines: [.init(stream: .stderr, text: "x")], priority: -3, runAt: .set(nil), run: 2)
        #expect(call == .command(.update(id, update, ifVersion: 7)))
        #expect(try Self.call(.retryJob, #"{"jobId":"a","ifVersion":2}"#) == .command(.retry(id, ifVersion: 2)))
        #expect(try Self.call(.deleteJob, #"{"jobId":"a","ifVersion":2}"#) == .command(.delete(id, ifVersion: 2)))
        let lines = (0..<101).map { _ in #"{"stream":"stdout","text":"x"}"# }.joined(separator: ",")
        for wrong in [
            #""leaseSeconds":4"#, #""leaseSeconds":86401"#, #""lines":[\#(lines)]"#,
            #""lines":[{"stream":"jobd","text":"x"}]"#,
            #""lines":[{"text":"x"}]"#, #""ifVersion":"7""#, #""runAt":"soon""#, #""run":0"#,
        ] {
            #expect(throws: Refusal.self) { try Self.call(.updateJob, #"{"jobId":"a",\#(wrong)}"#) }
        }
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let id = try #require(JobID("a"))
        #expect(try Self.call(.getJob, #"{"jobId":"a"}"#) == .getJob(id, since: 0, wait: .zero))
        #expect(try Self.call(.listJobs, "{}") == .listJobs(JobQuery()))
        #expect(try Self.call(.watchJobs, "{}") == .watch(jobIds: nil, queue: nil, since: [:]))
        #expect(try Self.call(.readLog, #"{"jobId":"a"}"#) == .readLog(id, run: nil, after: 0, limit: 500))
        #expect(try Self.call(.beginFile, "{}") == .beginFile(name: ""))
    }

    @Test func aJobThatIsNamedTwiceIsWatchedOnce() throws {
        let ids = try ["b", "a"].map { try #require(JobID($0)) }
        let call = try Self.call(.watchJobs, #"{"jobIds":["b","a","b"]}"#)
        #expect(call == .watch(jobIds: ids, queue: nil, since: [:]))
    }

    @Test(arguments: [
        (Method.getJob, "{}", "/jobId"), (.createJob, #"{"jobId":"a","jobType":""}"#, "/jobType"),
        (.createJob, #"{"jobId":"a","priority":101}"#, "/priority"),
        (.createJob, #"{"jobId":"a","maxAttempts":0}"#, "/maxAttempts"),
        (.createJob, #"{"jobId":"a","metadata":[]}"#, "/metadata"),
        (.createJob, #"{"jobId":"a","runAt":"2026-11-23T12:00:00Z","delaySeconds":1}"#, "/delaySeconds"),
        (.createJob, #"{"jobId":"a","delaySeconds":-1}"#, "/delaySeconds"),
        (.createJob, #"{"jobId":"a","onConflict":"replace"}"#, "/onConflict"),
        (.createJob, #"{"jobId":"a","fileIds":["f","../f"]}"#, "/fileIds/1"),
        (.createJob, #"{"jobId":"a","fileIds":["f","f"]}"#, "/fileIds"),
        (.createJob, #"{"jobId":"a","files":[]}"#, "/files"), (.processJob, #"{"jobId":"a"}"#, "/fileIds"),
        (.processJob, #"{"jobId":"a","fileIds":[],"queue":"q"}"#, "/queue"),
        (.updateJob, #"{"jobId":"a","status":"queued"}"#, "/status"),
        (.updateJob, #"{"jobId":"a","progress":100.1}"#, "/progress"),
        (.updateJob, #"{"jobId":"a","metadata":"m"}"#, "/metadata"),
        (.updateJob, #"{"jobId":"a","error":{"code":"Bad Code"}}"#, "/error/code"),
        (.updateJob, #"{"jobId":"a","error":{"code":"x","nope":1}}"#, "/error/nope"),
        (
            .updateJob, #"{"jobId":"a","lines":[{"stream":"stdout","text":"x"},{"stream":"in","text":""}]}"#,
            "/lines/1/stream"
        ),
        (.updateJob, #"{"jobId":"a","lines":[{"stream":"stdout","text":"x","z":1}]}"#, "/lines/0/z"),
        (.getJob, #"{"jobId":"a","waitSeconds":56}"#, "/waitSeconds"),
        (.getJob, #"{"jobId":"a","since":-1}"#, "/since"), (.listJobs, #"{"limit":0}"#, "/limit"),
        (.listJobs, #"{"limit":501}"#, "/limit"), (.listJobs, #"{"status":"queued,gone"}"#, "/status"),
        (.listJobs, #"{"cursor":"next"}"#, "/cursor"), (.listJobs, #"{"order":"fifo"}"#, "/order"),
        (.listJobs, #"{"createdSince":"yesterday"}"#, "/createdSince"), (.watchJobs, #"{"jobIds":"a"}"#, "/jobIds"),
        (.watchJobs, #"{"jobIds":["a","/"]}"#, "/jobIds/1"), (.watchJobs, #"{"since":[1]}"#, "/since"),
        (.watchJobs, #"{"since":{"a":"1"}}"#, "/since/a"), (.watchJobs, #"{"since":{"b":0,"a":-1}}"#, "/since/a"),
        (.watchJobs, #"{"since":{"/":1}}"#, "/since/~1"), (.claimWork, #"{"queues":[]}"#, "/queues"),
        (.claimWork, #"{"queues":["a",""]}"#, "/queues/1"),
        (.claimWork, #"{"queues":["a"],"jobTypes":["t",7]}"#, "/jobTypes/1"),
        (.renewWork, #"{"leases":[{"jobId":"a","token":1}]}"#, "/leases/0/token"),
        (.renewWork, #"{"leases":[7]}"#, "/leases/0"), (.makeToken, #"{"scope":"read"}"#, "/scope"),
        (.makeToken, #"{"scope":["read","public"]}"#, "/scope/1"),
        (
            .reportFront,
            #"{"streams":0,"requests":[{"operation":"a","status":"2xx","count":1},{"operation":"a"}]}"#, "/requests/1"
        ), (.readLog, #"{"jobId":"a","limit":1001}"#, "/limit"),
        (.appendFile, #"{"fileId":"f","data":"*"}"#, "/data"), (.adoptFile, #"{"fileId":"f","size":-1}"#, "/size"),
        (.adoptFile, #"{"fileId":"f"}"#, "/size"), (.adoptFile, #"{"fileId":"f","size":1,"sha256":"00"}"#, "/sha256"),
        (.adoptFile, "{\"fileId\":\"f\",\"size\":1,\"sha256\":\"\(String(repeating: "x", count: 64))\"}", "/sha256"),
        (.unwatchJobs, "{}", "/watch"), (.unwatchJobs, #"{"watch":0}"#, "/watch"), (.reportFront, "{}", "/streams"),
        (.getArtifact, #"{"jobId":"a","name":"../x"}"#, "/name"),
        (.getArtifact, #"{"jobId":"a","name":"x","limit":1048577}"#, "/limit"), (.pauseQueue, "{}", "/name"),
        (.listQueues, #"{"name":"q"}"#, "/name"),
    ])
    func aWrongParameterIsNamed(method: Method, params: String, pointer: String) throws {
        let value = try JSONNode.parse(params)
        let refusal = refusal { () throws(Refusal) in try Call(method, params: value, makeJobId: JobID.made) }
        #expect(refusal?.code == .invalidRequest)
        #expect(refusal?.pointer == pointer)
        #expect(refusal?.message.hasPrefix("\(pointer) ") == true)
    }

    @Test(arguments: [
        ("fileIds", Limits.files + 1), ("jobIds", 1001),
    ])
    func aListThatIsTooLongIsRefused(key: String, count: Int) throws {
        let ids = JSONValue.array((0..<count).map { .string("x\($0)") })
        let method = key == "fileIds" ? Method.createJob : .watchJobs
        let params = try JSONNode.made(key == "fileIds" ? ["jobId": "a", key: ids] : [key: ids])
        let refusal = refusal { () throws(Refusal) in try Call(method, params: params, makeJobId: JobID.made) }
        #expect(refusal?.pointer == "/\(key)")
    }

    @Test(arguments: [
        ("0", true), ("9007199254740992", true), ("9007199254740993", false), ("9223372036854775807", false),
    ])
    func aFileIsAsLargeAsEveryReaderOfJSONCanSay(size: String, isTaken: Bool) {
        let digest = String(repeating: "0", count: 64)
        let params = #"{"fileId":"file_a","size":\#(size),"sha256":"\#(digest)"}"#
        let refusal = refusal { () throws(Refusal) in
            try Call(.adoptFile, params: try? JSONNode.parse(params), makeJobId: JobID.made)
        }
        #expect(refusal?.pointer == (isTaken ? nil : "/size"))
    }

    @Test func aPatchThatIsTooLargeIsRefusedBeforeItIsMerged() throws {
        func refused(_ bytes: Int) throws -> String? {
            let patch: JSONValue = ["k": .string(String(repeating: "x", count: bytes - 8))]
            #expect(JSONText(patch).byteCount == bytes)
            let params = try JSONNode.made(["jobId": "a", "metadata": patch])
            return refusal { () throws(Refusal) in
                try Call(.updateJob, params: params, makeJobId: JobID.made)
            }?.pointer
        }
        #expect(try refused(Limits.metadataPatchBytes) == nil)
        #expect(try refused(Limits.metadataPatchBytes + 1) == "/metadata")
    }

    @Test(arguments: [Method.createJob, .processJob])
    func aJobWithoutAnIdGetsOne(method: Method) throws {
        switch try Self.call(method, #"{"jobId":null,"fileIds":[]}"#) {
        case .command(.create(let creation)), .command(.process(let creation)): #expect(creation.jobId == .made())
        default: Issue.record("it is another call")
        }
    }

    private static func call(_ method: Method, _ params: String) throws -> Call {
        try Call(method, params: try JSONNode.parse(params), makeJobId: JobID.made)
    }
}
