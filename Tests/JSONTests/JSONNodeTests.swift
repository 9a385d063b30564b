import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JSONNodeTests {
    @Test(arguments: [
        "1.0", "-0", "true", "null", "\"\"", "[]", "{}", #"{"a":[1,{"b":"é😀"}]}"#, " [ 1 , 2 ] ", #"{"a" :1}"#,
        #"["\u0061","\n"]"#, #"{"\u0061":{"b":[ ]}}"#, "[[1],[ 2],[3]]",
    ])
    func aTextIsTheSameWhetherItsBytesAreTakenOrItIsWrittenAnew(text: String) throws {
        for node in try Self.all(of: JSONNode.parse(text)) { #expect(JSONText(node) == JSONText(JSONValue(node))) }
    }

    @Test func membersAreFoundByWhatTheirKeysSay() throws {
        let text = #" {"a": 1, "\u0062": {"c": [true]}, "": "\"", "e\u0301": null} "#
        let node = try JSONNode.parse(text)
        #expect(node["a"]?.integer == 1 && node["b"]?["c"]?.array?.first?.bool == true)
        #expect(node[""]?.string == "\"" && node["e\u{301}"]?.isNull == true)
        #expect(node["\u{e9}"] == nil && node["c"] == nil && node["a"]?["a"] == nil)
        #expect(node.members.map(\.key) == ["a", "b", "", "e\u{301}"])
    }

    @Test(arguments: [1, 16, 17, 63, 64, 100])
    func theFirstMemberThatNobodyTookIsKnown(count: Int) throws {
        let text = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        var members = try JSONNode.parse("{\(text)}").members
        #expect(members.rest == "k0" && members.take("none") == nil)
        for number in 0..<min(count, 64) { #expect(members.take("k\(number)")?.integer == Int64(number)) }
        #expect(members.rest == (count > 64 ? "k64" : nil) && members.take("k64") == nil)
    }

    @Test func depthIsThatOfTheValueAndNotOfItsText() throws {
        let node = try JSONNode.parse(#"{"a":[[]],"b":[]}"#)
        #expect(node.isDeeper(than: 2) && !node.isDeeper(than: 3))
        #expect(node["a"]?.isDeeper(than: 1) == true && node["b"]?.isDeeper(than: 1) == false)
    }

    private static func all(of node: JSONNode) -> [JSONNode] {
        [node] + (node.array ?? node.members.map(\.value)).flatMap(all)
    }
}
