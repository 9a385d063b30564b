import JobModel
import JobWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JSONSlicesTests {
    private static let object = #"""
         { "a" : 1 , "b":"x,}\"\\","c":[1,{"a":"]"},[]],"d":{},"e\"":-1.5e3,"f":null,"a":2 }
        """#

    @Test func everyMemberIsFoundWithItsBytes() {
        var found: [String] = []
        JSONSlices.members(of: Self.view(Self.object)) { key, value in
            found.append(String(decoding: key, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
            return true
        }
        #expect(
            found == [
                "a=1", #"b="x,}\"\\""#, #"c=[1,{"a":"]"},[]]"#, "d={}", #"e\"=-1.5e3"#, "f=null", "a=2",
            ])
    }

    @Test func theFirstMemberOfThatNameCounts() {
        #expect(JSONSlices.integer("a", of: Self.view(Self.object)) == 1)
        #expect(JSONSlices.member("x", of: Self.view(Self.object)) == nil)
    }

    @Test func aVisitorEndsTheWalk() {
        var count = 0
        JSONSlices.members(of: Self.view(Self.object)) { _, _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
    }

    @Test func aMemberIsFoundInAPartOfABuffer() throws {
        var buffer = ByteBuffer(string: "xxx{\"a\":{\"b\":42}}yyy")
        buffer.moveReaderIndex(forwardBy: 3)
        let inner = try #require(JSONSlices.member("a", of: buffer.readableBytesView))
        #expect(String(decoding: inner, as: UTF8.self) == "{\"b\":42}")
        #expect(JSONSlices.integer("b", of: inner) == 42)
    }

    @Test(arguments: [(#"{"a":"word"}"#, "word"), (#"{"a":""}"#, ""), (#"{"a":1}"#, nil), (#"{"a":null}"#, nil)])
    func aWordIsAStringWithoutItsQuotes(object: String, word: String?) {
        #expect(JSONSlices.word("a", of: Self.view(object)) == word)
    }

    @Test(arguments: [#""1""#, "1.5", "null", "[1]", "99999999999999999999"])
    func whatIsNoWholeNumberIsNone(value: String) {
        #expect(JSONSlices.integer("a", of: Self.view("{\"a\":\(value)}")) == nil)
    }

    @Test(arguments: [
        "", "[]", "1", "null", "{", "{}", "{a:1}", "{\"a\"}", "{\"a\" 1}", "{\"a\":}", "{\"a\":,", "{\"a", "{\"a\\",
        "{\"a\":\"x", "{\"a\":\"x\\", "{\"a\":[", "\"{\\\"a\\\":1}\"",
    ])
    func aTextWithoutMembersGivesNone(text: String) {
        JSONSlices.members(of: Self.view(text)) { key, value in
            Issue.record("\(String(decoding: key, as: UTF8.self)): \(String(decoding: value, as: UTF8.self))")
            return true
        }
    }

    @Test func aTextCutAnywhereGivesNothingThatTheWholeDoesNot() {
        func members(of text: some Collection<UInt8>) -> [String] {
            var found: [String] = []
            JSONSlices.members(of: ByteBuffer(bytes: text).readableBytesView) { key, _ in
                found.append(String(decoding: key, as: UTF8.self))
                return true
            }
            return found
        }
        let whole = members(of: Self.object.utf8)
        for length in 0..<Self.object.utf8.count {
            let part = members(of: Array(Self.object.utf8.prefix(length)))
            #expect(whole.starts(with: part))
        }
    }

    private static func view(_ text: String) -> ByteBufferView { ByteBuffer(string: text).readableBytesView }
}
