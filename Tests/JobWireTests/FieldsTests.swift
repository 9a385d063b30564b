import JSON
import JobModel
import Testing

@testable import JobWire

@Suite(.timeLimit(.minutes(5)))
struct FieldsTests {
    /// A way to read the member `key`.
    enum Kind: String, CaseIterable {
        case string, text, integer, number, moment, json, object, jobId, fileId, base64

        func read(_ fields: inout Fields) throws(Refusal) {
            switch self {
            case .string: _ = try fields.string("key")
            case .text: _ = try fields.text("key", limit: 4)
            case .integer: _ = try fields.integer("key", in: -3...7)
            case .number: _ = try fields.number("key", in: 0...0.5)
            case .moment: _ = try fields.moment("key")
            case .json: _ = try fields.json("key", limit: 6)
            case .object: _ = try fields.object("key", limit: 10)
            case .jobId: _ = try fields.jobId("key")
            case .fileId: _ = try fields.fileId("key")
            case .base64: _ = try fields.base64("key")
            }
        }

        var mayBeLeftOut: Bool { ![.jobId, .fileId, .base64].contains(self) }
    }

    @Test(arguments: [
        (Kind.string, #""a\u0000b""#), (.text, #""abcd""#), (.text, #""""#), (.integer, "-3"), (.integer, "7"),
        (.integer, "7.0"), (.integer, "7e0"), (.number, "0"), (.number, "0.5"), (.number, "5e-1"),
        (.moment, #""2026-11-23T12:00:00Z""#), (.json, #"["ab"]"#), (.json, "false"), (.object, #"{"ab":123}"#),
        (.object, "{}"), (.jobId, #""a:1""#), (.fileId, #""file_1""#), (.base64, #""""#), (.base64, #""AAE=""#),
    ])
    func whatFitsIsTaken(kind: Kind, json: String) throws {
        var fields = try Fields(try JSONNode.parse("{\"key\":\(json)}"))
        try kind.read(&fields)
        try fields.end()
    }

    @Test(arguments: [
        (Kind.string, "1"), (.string, #"["a"]"#), (.string, "false"), (.text, #""abcde""#), (.text, #""ééé""#),
        (.text, #""a\u0000""#), (.text, "{}"), (.integer, "-4"), (.integer, "8"), (.integer, "1.5"),
        (.integer, #""1""#),
        (.integer, "99999999999999999999"), (.integer, "1e400"), (.number, "0.51"), (.number, "-0.1"),
        (.number, "1e400"), (.number, "true"), (.moment, #""tomorrow""#), (.moment, "1795435200000"),
        (.json, #"["abc"]"#), (.object, "[]"), (.object, #""{}""#), (.object, #"{"ab":1234}"#), (.jobId, #""stream""#),
        (.jobId, #""../x""#), (.jobId, "1"), (.jobId, #""""#), (.fileId, #""a/b""#), (.fileId, "[]"),
        (.base64, #""AAE""#), (.base64, #""A A=""#), (.base64, "1"),
    ])
    func whatDoesNotFitIsRefusedWithItsPointer(kind: Kind, json: String) throws {
        var fields = try Fields(try JSONNode.parse("{\"key\":\(json)}"))
        let refusal = refusal { () throws(Refusal) in try kind.read(&fields) }
        #expect(refusal?.number == .wrongParams)
        #expect(refusal?.code == .invalidRequest)
        #expect(refusal?.pointer == "/key")
    }

    @Test(arguments: Kind.allCases, ["{}", #"{"key":null}"#])
    func nullCountsAsLeftOut(kind: Kind, json: String) throws {
        var fields = try Fields(try JSONNode.parse(json))
        let refusal = refusal { () throws(Refusal) in try kind.read(&fields) }
        #expect((refusal == nil) == kind.mayBeLeftOut)
        #expect(refusal.map { $0.message == "/key is missing." } ?? true)
    }

    @Test(arguments: [
        ("{}", Field<String>.absent), (#"{"key":null}"#, .set(nil)), (#"{"key":"a"}"#, .set("a")),
    ])
    func aSettableTextTellsNullFromLeftOut(json: String, field: Field<String>) throws {
        var fields = try Fields(try JSONNode.parse(json))
        #expect(try fields.settableText("key") == field)
        try fields.end()
    }

    @Test(arguments: [
        ("unknown", "/unknown"), ("a/b", "/a~1b"), ("a~b", "/a~0b"), ("~1/", "/~01~1"), ("", "/"),
    ])
    func aMemberThatNobodyTookIsRefused(key: String, pointer: String) throws {
        var fields = try Fields(try .made(["key": "a", key: 1]))
        _ = try fields.string("key")
        let refusal = refusal { () throws(Refusal) in try fields.end() }
        #expect(refusal?.pointer == pointer)
        #expect(refusal?.message == "\(pointer) is not a field of this request.")
    }

    @Test func noParametersAreAnEmptyObject() throws {
        for params in ["null", "{}", "[]"] { try Fields(try JSONNode.parse(params)).end() }
        try Fields(nil).end()
    }

    @Test(arguments: [#"["a"]"#, "true", "1", #""a""#])
    func parametersWithoutNamesAreRefused(json: String) throws {
        let params = try JSONNode.parse(json)
        let refusal = refusal { () throws(Refusal) in try Fields(params) }
        #expect(refusal?.number == .wrongParams)
        #expect(refusal?.pointer == "")
    }

    @Test func aMemberIsRefusedOnceItIsNestedTooDeep() throws {
        func nested(_ depth: Int) throws -> JSONNode {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return try JSONNode.parse(#"{"flat":1,"deep":\#(text)}"#)
        }
        _ = try Fields(try nested(JSONValue.maximumDepth))
        let deep = try nested(JSONValue.maximumDepth + 1)
        #expect(refusal { () throws(Refusal) in try Fields(deep) }?.pointer == "/deep")
    }
}
