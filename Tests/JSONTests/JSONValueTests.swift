import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JSONValueTests {
    @Test(arguments: [
        #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, "1e400", "-0", "0.10", "12345678901234567890123", "\"\"", "[]",
        "{}",
        #""\"\\\n\t\r\u0001é😀""#,
    ])
    func whatIsMinifiedComesBackAsItWas(text: String) throws {
        #expect(JSONText(try JSONValue.parse(text)).text == text)
    }

    @Test func spaceGoesAndEscapesAreRead() throws {
        let value = try JSONValue.parse(" { \"a\" : [ 1 , \"\\u00e9\\ud83d\\ude00\\/\" ] } ")
        #expect(JSONText(value).text == "{\"a\":[1,\"é😀/\"]}")
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "nul", "tru", "\"",
        "\"\\x\"",
        "\"\\u12g4\"", "'a'", "[1] 2", "\"a\nb\"", "{\"a\":1,}", "--1", "NaN",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test func duplicateKeysAreRefusedInShortAndLongObjects() {
        #expect(reason(#"{"a":1,"b":2,"\u0061":3}"#) == .duplicateKey)
        #expect(reason(#"{"\u0061":1,"b":2,"a":3}"#) == .duplicateKey)
        #expect(reason(#"{"\u0061":1,"b":2,"\u0061b":3}"#) == nil)
        let members = (0..<100).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(reason("{\(members),\"k50\":1}") == .duplicateKey)
    }

    @Test func keysAreTheSameWhenTheirBytesAre() throws {
        // The same letter, composed and decomposed.
        let value = try JSONValue.parse(#"{"\u00e9":1,"e\u0301":2}"#)
        #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2)
        let patched = value.merging(try JSONValue.parse(#"{"e\u0301":3}"#))
        #expect(JSONText(patched).text.hasSameBytes(as: "{\"\u{e9}\":1,\"e\u{301}\":3}"))
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(JSONText(.string("\u{e9}")) != JSONText(.string("e\u{301}")))
        #expect(Set<JSONValue>([.string("\u{e9}"), .string("e\u{301}"), .string("\u{e9}")]).count == 2)
    }

    @Test(arguments: [3, 16, 17, 40])
    func membersAreFoundWhateverCameAndWent(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = JSONValue(number) }
        #expect(object["k0"] == 0)
        object["k1"] = nil
        object["new"] = true
        object["k2"] = "two"
        #expect(object["k1"] == nil && object["new"] == true && object["k2"] == "two")
        #expect(object["k\(count - 1)"] == (count == 3 ? "two" : JSONValue(count - 1)))
        #expect(object.members.count == count)
        object.merge(["k0": .null, "new": .null, "k2": .null, "last": 1])
        #expect(object.members.count == count - 2)
        #expect(object.members.last?.key == "last" && object.place(of: "last") == count - 3)
    }

    @Test func ofTwoMembersWithOneKeyTheLastCounts() {
        let object = JSONObject(
            [("a", 1), ("b", 2), ("a", 3)].map { JSONObject.Member(key: $0, value: JSONValue($1)) })
        #expect(object == ["a": 3, "b": 2])
    }

    @Test func aTextHasRoomAroundAValueOfSixtyFourLevelsAndNoMore() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(reason(nested(72)) == nil)
        #expect(reason(nested(73)) == .tooDeep)
        #expect(reason(String(repeating: "[", count: 100_000)) == .tooDeep)
        #expect(try JSONValue.parse(nested(64)).depth == JSONValue.maximumDepth)
        #expect(try JSONValue.parse(#"{"a":[1,{"b":{}}],"c":2}"#).depth == 4)
    }

    @Test func invalidTextIsRefused() {
        #expect(reason(#""\ud800""#) == .invalidText)
        #expect(throws: JSONError.self) {
            try JSONValue.parse([0x22, 0xC3, 0x28, 0x22] as [UInt8])
        }
    }

    private func reason(_ text: String) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try JSONValue.parse(text)
            return nil
        } catch {
            return error.reason
        }
    }

    /// The examples of RFC 7396, appendix A.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func mergePatchesDoWhatTheirStandardSays(target: String, patch: String, result: String) throws {
        let merged = try JSONValue.parse(target).merging(try JSONValue.parse(patch))
        #expect(merged == (try JSONValue.parse(result)))
    }
}
