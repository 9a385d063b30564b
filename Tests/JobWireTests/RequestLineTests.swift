import JobModel
import JobWire
import Testing

struct RequestLineTests {
    @Test(arguments: ["", "nonsense", "{", "[1,", #"{"a":1,"a":2}"#, "{\"a\":\"\u{0}\"}"])
    func whatIsNoJSONEndsTheConnection(line: String) {
        guard case .unreadable(let refusal) = parse(line) else {
            Issue.record("it was read")
            return
        }
        #expect(refusal.number.rawValue == -32700)
    }

    @Test(arguments: [
        "[]", "1", "null", "{}", #"{"jsonrpc":"1.0","id":1,"method":"jobs.get"}"#, #"{"jsonrpc":"2.0","id":1}"#,
        #"{"jsonrpc":"2.0","id":1,"method":7}"#, #"{"jsonrpc":"2.0","id":{},"method":"jobs.get"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"jobs.get","extra":1}"#,
    ])
    func jsonThatIsNoRequestIsRefused(line: String) throws {
        guard case .single(let request) = parse(line) else {
            Issue.record("it is no single request")
            return
        }
        #expect(request.id == .null)
        #expect(throws: Refusal.self) { try request.call.get() }
        #expect(refusal(of: request)?.number.rawValue == -32600)
    }

    @Test(arguments: [
        (#""jobs.nothing","params":{}"#, -32601, nil as String?),
        (#""jobs.get","params":["a"]"#, -32602, ""),
        (#""jobs.get","params":{}"#, -32602, "/jobId"),
        (#""jobs.get","params":{"jobId":"a","other":1}"#, -32602, "/other"),
        (#""jobs.get","params":{"jobId":"a","waitSeconds":56}"#, -32602, "/waitSeconds"),
        (#""jobs.create","params":{"priority":1e9}"#, -32602, "/priority"),
        (#""jobs.list","params":{"limit":0}"#, -32602, "/limit"),
        (#""jobs.watch","params":{"jobIds":"a"}"#, -32602, "/jobIds"),
    ])
    func aWrongCallNamesItsField(rest: String, code: Int64, pointer: String?) throws {
        let line = #"{"jsonrpc":"2.0","id":"x","method":\#(rest)}"#
        guard case .single(let request) = parse(line) else {
            Issue.record("it is no single request")
            return
        }
        #expect(request.id == "x")
        #expect(refusal(of: request)?.number.rawValue == code)
        #expect(refusal(of: request)?.pointer == pointer)
    }

    @Test func aBatchIsItsRequests() {
        let line = #"[{"jsonrpc":"2.0","id":1,"method":"server.status"},{"jsonrpc":"2.0","method":"server.status"},7]"#
        guard case .batch(let requests) = parse(line) else {
            Issue.record("it is no batch")
            return
        }
        #expect(requests.map(\.id) == [1, nil, .null])
    }

    @Test func aJobWithoutAnIdGetsOne() throws {
        for method in ["jobs.create", "jobs.process"] {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"jobId":null,"fileIds":[]}}"#
            guard case .single(let request) = parse(line) else {
                Issue.record("it is no single request")
                return
            }
            switch try request.call.get() {
            case .command(.create(let creation)), .command(.process(let creation)):
                #expect(creation.jobId.description == "made")
            default: Issue.record("it is another call")
            }
        }
    }

    private func parse(_ line: String) -> RequestLine {
        RequestLine.parse(line.utf8) {
            guard let id = JobID("made") else { preconditionFailure("it is an id") }
            return id
        }
    }

    private func refusal(of request: Request) -> Refusal? {
        if case .failure(let refusal) = request.call { refusal } else { nil }
    }
}
