import JSON
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// What a connection does with what comes, without a connection.
@Suite(.timeLimit(.minutes(5)))
struct ConnectionStateTests {
    @Test func aRequestIsPerformedAndItsAnswerIsSent() throws {
        var bench = Bench()
        bench.take(Self.request("1", "queues.list"))
        #expect(bench.performed.count == 1 && bench.sent.isEmpty)
        bench.answer(0, #"{"queues":[]}"#)
        #expect(bench.sent == [#"{"jsonrpc":"2.0","id":1,"result":{"queues":[]}}"#])
        #expect(!bench.isFinished)
    }

    @Test func aNotificationIsPerformedAndNotAnswered() {
        var bench = Bench()
        bench.take(#"{"jsonrpc":"2.0","method":"queues.list"}"#)
        bench.answer(0)
        #expect(bench.performed.count == 1 && bench.sent.isEmpty)
    }

    @Test func anEmptyLineIsSkipped() {
        var bench = Bench()
        bench.take("")
        bench.take(Self.request("1", "queues.list"))
        bench.take("")
        #expect(bench.performed.count == 1 && bench.sent.isEmpty && !bench.connection.isLost)
    }

    @Test func whatCannotBeReadEndsTheReadingAndNotTheAnswers() {
        var bench = Bench()
        bench.take(Self.request("1", "queues.list"))
        bench.take("{")
        bench.take(Self.request("2", "queues.list"))
        bench.take(.lineTooLong)
        #expect(bench.performed.count == 1 && bench.sent.count == 1 && bench.sent[0].contains("-32700"))
        #expect(bench.connection.isLost && bench.connection.mayRead && !bench.isFinished)
        bench.answer(0)
        #expect(bench.sent.count == 2 && bench.isFinished)
    }

    @Test func aConnectionWhoseOtherEndIsDoneEndsWithItsLastAnswer() {
        var bench = Bench()
        bench.take(Self.request("1", "queues.list"))
        bench.take(.inputEnded)
        #expect(!bench.isFinished)
        bench.answer(0)
        #expect(bench.isFinished)
        var idle = Bench()
        idle.take(.inputEnded)
        #expect(idle.isFinished)
    }

    // MARK: What it may take up

    @Test func requestsWaitWhileThoseBeforeThemTakeUpTooMuch() {
        var bench = Bench()
        let data = String(repeating: "A", count: 2_000_000)
        let count = 20
        let params = #"{"fileId":"file_a","data":"\#(data)"}"#
        for id in 0..<count { bench.take(Self.request("\(id)", "files.append", params)) }
        #expect(bench.performed.count * data.utf8.count <= OpenRequests.heldBytes)
        #expect(bench.performed.count > 10 && bench.performed.count < count && !bench.connection.mayRead)
        for index in 0..<count { bench.answer(index, "{}") }
        #expect(bench.performed.count == count && bench.sent.count == count && bench.connection.mayRead)
    }

    @Test func requestsWaitWhileWhatWasSentIsNotTaken() {
        var bench = Bench()
        bench.unsent = OpenRequests.heldBytes
        bench.take(Self.request("1", "queues.list"))
        #expect(bench.performed.isEmpty && !bench.connection.mayRead)
        bench.unsent = 0
        bench.take(.turn)
        #expect(bench.performed.count == 1 && bench.connection.mayRead)
    }

    @Test func largePagesAreReadAFewAtATime() {
        var bench = Bench()
        for id in 0..<1000 { bench.take(Self.request("\(id)", "jobs.logs", #"{"jobId":"a"}"#)) }
        #expect(bench.performed.count <= OpenRequests.heldBytes / (1024 * 1024))
        for index in 0..<1000 { bench.answer(index, "{}") }
        #expect(bench.sent.count == 1000)
    }

    @Test func jobsOfAnySizeAreReadSoManyAtATimeAndAnyNumberMayWait() {
        var reading = Bench()
        var waiting = Bench()
        for id in 0..<1000 {
            reading.take(Self.request("\(id)", "jobs.get", #"{"jobId":"a"}"#))
            waiting.take(Self.request("\(id)", "jobs.get", #"{"jobId":"a","since":1,"waitSeconds":9}"#))
        }
        #expect(reading.performed.count * (Limits.metadataBytes + Limits.resultBytes) <= OpenRequests.heldBytes)
        #expect(waiting.performed.count == 1000)
    }

    @Test func asManySmallRequestsAsMayBeOpenAreTakenAtOnce() {
        var bench = Bench()
        for id in 0..<2000 { bench.take(Self.request("\(id)", "jobs.create", #"{"jobId":"a"}"#)) }
        #expect(bench.performed.count == OpenRequests.limit)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func everyRequestIsAnsweredOnceWhateverTheOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bench = Bench()
        let text = String(repeating: "x", count: 5000)
        for id in 0..<1500 {
            bench.unsent = Int.random(in: 0...20_000_000, using: &generator)
            let one = Self.request("\(id)", "jobs.logs", #"{"jobId":"a"}"#)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: bench.take("[\(one),\(one)]")
            case 1: bench.take(Self.request("\(id)", "jobs.update", #"{"jobId":"a","message":"\#(text)"}"#))
            case 2: bench.take(Self.request("\(id)", "files.begin", #"{"name":"\#(text)"}"#))
            case 3: bench.take(Self.request("\(id)", "no.method"))
            default: bench.take(one)
            }
            if let index = bench.unanswered.randomElement(using: &generator), Bool.random(using: &generator) {
                bench.answer(index, #"{"text":"\#(text)"}"#)
            }
        }
        bench.unsent = 0
        bench.take(.turn)
        while let index = bench.unanswered.first { bench.answer(index, "{}") }
        bench.take(.inputEnded)
        #expect(bench.isFinished)
        #expect(bench.sent.count == 1500)
    }

    // MARK: Batches

    @Test func aBatchIsAnsweredOnceWithWhatItsRequestsCameTo() throws {
        var bench = Bench()
        let notification = #"{"jsonrpc":"2.0","method":"queues.list"}"#
        bench.take("[\(Self.request("1", "queues.list")),1,\(notification),\(Self.request("2", "queues.list"))]")
        #expect(bench.performed.count == 3)
        for index in [2, 0, 1] { bench.answer(index, "{}") }
        #expect(bench.sent.count == 1)
        let replies = try JSONValue.parse(bench.sent.first ?? "").array ?? []
        #expect(Set(replies.map { $0["id"]?.text ?? "" }) == ["null", "1", "2"])
    }

    @Test func theRepliesToABatchHaveALimitTogether() throws {
        var bench = Bench()
        bench.take("[\((0..<40).map { Self.request("\($0)", "jobs.get", #"{"jobId":"a"}"#) }.joined(separator: ","))]")
        let large = #""\#(String(repeating: "x", count: 1_000_000))""#
        for index in 0..<40 { bench.answer(index, large) }
        let line = try #require(bench.sent.first)
        #expect(line.utf8.count <= BatchReplies.limit + 40 * 300)
        let replies = try JSONValue.parse(line).array ?? []
        #expect(replies.count == 40)
        let refused = replies.filter { $0["error"]?["data"]?["code"] == "payload-too-large" }
        #expect(refused.count > 20 && refused.count < 30)
    }

    @Test func whoMayNotAskIsNotToldWhatIsWrongWithHisQuestion() {
        var bench = Bench()
        bench.take(Self.request("1", "files.adopt", #"{"nonsense":1}"#))
        #expect(bench.sent.first?.contains(#""code":"forbidden""#) == true)
        bench.take(Self.request("2", "jobs.get", #"{"nonsense":1}"#))
        #expect(bench.sent.last?.contains(#""code":"invalid-request""#) == true)
    }

    private static func request(_ id: String, _ method: String, _ params: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
    }
}

/// A connection, and what came of it.
private struct Bench {
    var connection = Connection(door: .operate) { .named("made") }
    var unsent = 0
    private(set) var performed: [Connection.Ticket] = []
    private var answered: Set<Int> = []
    private(set) var sent: [String] = []
    private(set) var isFinished = false

    var unanswered: [Int] { performed.indices.filter { !answered.contains($0) } }

    mutating func take(_ line: String) { take(.line(ByteBuffer(string: line))) }

    mutating func take(_ event: Connection.Event) {
        var turns = 0
        var actions = CircularBuffer<Connection.Action>()
        connection.take(event, unsent: unsent, into: &actions)
        for action in actions {
            #expect(!isFinished)
            switch action {
            case .perform(_, let ticket): performed.append(ticket)
            case .send(let line): sent.append(String(String(buffer: line).dropLast()))
            case .waitForTurn: turns += 1
            case .finish: isFinished = true
            }
        }
        if turns > 0 { take(.turn) }
    }

    mutating func answer(_ index: Int, _ result: String = "{}") {
        let isOpen = index < performed.count && answered.insert(index).inserted
        #expect(isOpen)
        guard isOpen else { return }
        take(.answered(performed[index], .success(ByteBuffer(string: result))))
    }
}
