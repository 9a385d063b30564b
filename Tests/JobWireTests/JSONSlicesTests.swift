import JobModel
import NIOCore
import Testing

@testable import JobWire

struct JSONSlicesTests {
    private let text =
        #"{ "a" : 1 , "b":{"a":"}\"{","c":[{"a":2}]}, "d":"x\\", "e":[ "," , "]" ], "f":null ,"version":42}"#

    @Test(arguments: [
        ("a", "1"), ("b", #"{"a":"}\"{","c":[{"a":2}]}"#), ("d", #""x\\""#), ("e", #"[ "," , "]" ]"#), ("f", "null"),
    ])
    func aMemberIsFoundByItsKeyAtTheTopOnly(key: String, value: String) {
        var found: [String: String] = [:]
        JSONSlices.members(of: ByteBuffer(string: text).readableBytesView) { key, value in
            found[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
            return true
        }
        #expect(found[key]?.trimmingSpace == value)
        #expect(found["c"] == nil)
    }

    @Test func aNumberIsReadWithoutReadingTheRest() {
        let bytes = ByteBuffer(string: text).readableBytesView
        #expect(JSONSlices.integer("version", of: bytes) == 42)
        #expect(JSONSlices.integer("missing", of: bytes) == nil)
        #expect(JSONSlices.member("missing", of: bytes) == nil)
    }

    @Test(arguments: ["", "{", "[]", "{\"a", "{\"a\":", "{\"a\":[", "{\"a\":\"", "null", "}", "{]", "{\"a\":\"\\"])
    func brokenTextEndsTheSearch(text: String) {
        #expect(JSONSlices.integer("b", of: ByteBuffer(string: text).readableBytesView) == nil)
    }
}

extension String {
    fileprivate var trimmingSpace: String { String(reversed().drop { $0 == " " }.reversed()) }
}
