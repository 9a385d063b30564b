import JSON
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RequestTests {
    @Test(arguments: [
        "", " ", "{", "hello", "{\"jsonrpc\":\"2.0\"", "{\"a\":1,\"a\":2}", "\u{FEFF}{}", "{}{}", "[1,]",
    ])
    func whatIsNotJSONEndsTheConversation(line: String) throws {
        let refusal = try #require(Self.unreadable(line.utf8))
        #expect(refusal.number.rawValue == -32700)
        #expect(refusal.code == .invalidRequest)
    }

    @Test func invalidUTF8IsNotJSON() {
        #expect(Self.unreadable([0x22, 0xC3, 0x28, 0x22] as [UInt8])?.number == .notJSON)
    }

    @Test(arguments: [
        "{}", "null", "1", "\"a\"", "[]", "true", #"{"method":"rpc.discover"}"#, #"{"jsonrpc":"2.0"}"#,
        #"{"jsonrpc":"1.0","method":"rpc.discover"}"#, #"{"jsonrpc":2.0,"method":"rpc.discover"}"#,
        #"{"jsonrpc":"2.0","method":1}"#, #"{"jsonrpc":"2.0","method":null}"#,
        #"{"jsonrpc":"2.0","id":true,"method":"rpc.discover"}"#, #"{"jsonrpc":"2.0","id":[1],"method":"rpc.discover"}"#,
        #"{"jsonrpc":"2.0","id":{},"method":"rpc.discover"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"rpc.discover","extra":1}"#,
    ])
    func jsonThatIsNoRequestIsAnsweredWithoutItsId(line: String) throws {
        let request = try #require(Self.single(line))
        #expect(request.id == .null)
        #expect(Self.refusal(of: request)?.number.rawValue == -32600)
    }

    @Test(arguments: [
        (#""a""#, JSONValue.string("a")), ("7", .number("7")), ("1.50", .number("1.50")), ("null", .null), (#""""#, ""),
    ])
    func anIdComesBackAsItWas(json: String, id: JSONValue) throws {
        let request = try #require(Self.single(#"{"jsonrpc":"2.0","id":\#(json),"method":"rpc.discover"}"#))
        #expect(request.id == id)
        #expect(request.call == .success(.discover))
    }

    @Test func aRequestWithoutAnIdIsANotification() throws {
        let request = try #require(Self.single(#" {"method" : "queues.list", "jsonrpc":"2.0"} "#))
        #expect(request.id == nil)
        #expect(request.call == .success(.listQueues))
    }

    @Test func aMethodThatIsNotThereIsRefusedWithItsId() throws {
        let name = String(repeating: "m", count: 1000)
        let request = try #require(Self.single(#"{"jsonrpc":"2.0","id":1,"method":"\#(name)"}"#))
        #expect(request.id == 1)
        let refusal = try #require(Self.refusal(of: request))
        #expect(refusal.number.rawValue == -32601)
        #expect(refusal.message.utf8.count < 200)
    }

    @Test func anEmptyListOfParametersIsNone() throws {
        let request = try #require(Self.single(#"{"jsonrpc":"2.0","id":1,"method":"queues.list","params":[]}"#))
        #expect(request.call == .success(.listQueues))
    }

    @Test(arguments: ["[\"a\"]", "1", "\"a\"", "false"])
    func parametersByPositionAreRefused(params: String) throws {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"jobs.get","params":\#(params)}"#
        let refusal = Self.refusal(of: try #require(Self.single(line)))
        #expect(refusal?.number.rawValue == -32602)
        #expect(refusal?.pointer == "")
    }

    @Test func aBatchOverTheLimitIsRefusedAsAWhole() throws {
        func batch(of count: Int) -> ByteBuffer {
            ByteBuffer(string: "[\(Array(repeating: "1", count: count).joined(separator: ","))]")
        }
        guard case .batch(let requests) = Self.parse(batch(of: Request.maximumBatchCount)),
            case .refused(let refused) = Self.parse(batch(of: Request.maximumBatchCount + 1))
        else {
            Issue.record("the limit is another")
            return
        }
        #expect(requests.count == Request.maximumBatchCount)
        #expect(refused.number == .notARequest)
    }

    @Test func aBatchHoldsAnElementForEachOfItsOwn() throws {
        let line = """
            [{"jsonrpc":"2.0","id":1,"method":"queues.list"},1,[],{"jsonrpc":"2.0","method":"queues.list"},\
            {"jsonrpc":"2.0","id":2,"method":"jobs.get","params":{}}]
            """
        guard case .batch(let requests) = Self.parse(ByteBuffer(string: line)) else {
            Issue.record("no batch")
            return
        }
        #expect(requests.map(\.id) == [1, .null, .null, nil, 2])
        #expect(
            requests.map { Self.refusal(of: $0)?.number }
                == [nil, .notARequest, .notARequest, nil, .wrongParams])
    }

    @Test(
        arguments: [
            ("", nil), (#","caller":{"role":"operator"}"#, Caller(role: .operator)),
            (#","caller":{"role":"","owner":"","address":"::1"}"#, Caller(address: "::1")),
            (#","caller":{}"#, Caller()),
            (
                #","caller":{"role":"observer","owner":"a","token":"t"}"#,
                Caller(role: .observer, owner: "a", token: "t")
            ),
        ] as [(String, Caller?)])
    func whoAsksForSomebodyElseSaysSo(text: String, caller: Caller?) throws {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"jobs.update","params":{"jobId":"a"}\#(text)}"#
        let request = try #require(Self.single(line))
        #expect(request.call == .success(.command(.update(.named("a"), Update()))))
        #expect(request.caller == caller)
    }

    @Test(arguments: ["1", "null", "[]", #"{"role":1}"#, #"{"role":"root"}"#, #"{"name":"a"}"#, #"{"owner":"é"}"#])
    func aCallerThatCannotBeIsRefused(caller: String) throws {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"queues.list","caller":\#(caller)}"#
        let request = try #require(Self.single(line))
        #expect(request.id == 1)
        #expect(Self.refusal(of: request)?.number == .wrongParams)
    }

    // MARK: Parts of a line

    private static func unreadable(_ bytes: some Sequence<UInt8>) -> Refusal? {
        if case .unreadable(let refusal) = parse(ByteBuffer(bytes: bytes)) { refusal } else { nil }
    }

    private static func single(_ line: String) -> Request? {
        if case .single(let request) = parse(ByteBuffer(string: line)) { request } else { nil }
    }

    private static func parse(_ line: ByteBuffer) -> RequestText<Request> { Request.parse(line, makeJobId: JobID.made) }

    private static func refusal(of request: Request) -> Refusal? {
        if case .failure(let refusal) = request.call { refusal } else { nil }
    }
}
