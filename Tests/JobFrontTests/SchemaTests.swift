import JSON
import JobWire
import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct SchemaTests {
    /// The protocol for machines names things as the HTTP API does, and has no description of its own.
    @Test func whateverTheProtocolNamesIsDescribed() throws {
        let document = Method.openRPC(schemas: APIDocument.schemas)
        var names: Set<String> = []
        Self.collect(document, &names)
        #expect(names.contains("#/components/schemas/Job") && names.contains("#/components/errors/job-gone"))
        for name in names.sorted() {
            let path = name.split(separator: "/").dropFirst().map(String.init)
            #expect(path.reduce(document as JSONValue?) { $0?[$1] } != nil, "\(name) is not described")
        }
    }

    private static func collect(_ value: JSONValue, _ names: inout Set<String>) {
        for member in value.object?.members ?? [] {
            if member.key == "$ref", let name = member.value.string { names.insert(name) }
            collect(member.value, &names)
        }
        for element in value.array ?? [] { collect(element, &names) }
    }
}
