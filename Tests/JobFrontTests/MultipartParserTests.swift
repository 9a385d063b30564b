import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct MultipartParserTests {
    /// What a form amounts to, part by part.
    private struct Part: Hashable {
        var name: String
        var fileName: String?
        var content: [UInt8] = []
        var isWhole = false
    }

    private static let form = """
        nobody's\r
        --b\r
        Content-Disposition: form-data; name="jobId"\r
        \r
        id-1\r
        --b \t\r
        content-type: text/plain\r
        Content-Disposition: form-data; name="file"; filename="a;\\ b%22.txt"\r
        \r
        one\r
        --bx\r
        --b-\r
        two\r\n\r
        --b\r
        Content-Disposition: form-data; name="empty"; filename=""\r
        \r
        \r
        --b--\r
        nobody's either
        """

    private static let parts = [
        Part(name: "jobId", content: Array("id-1".utf8), isWhole: true),
        Part(
            name: "file", fileName: "a;\\ b\".txt", content: Array("one\r\n--bx\r\n--b-\r\ntwo\r\n".utf8), isWhole: true
        ),
        Part(name: "empty", fileName: "", isWhole: true),
    ]

    @Test func aFormIsTheSameHoweverItIsCut() throws {
        let bytes = Array(Self.form.utf8)
        #expect(try parse([bytes]) == Self.parts)
        #expect(try parse(bytes.map { [$0] }) == Self.parts)
        for first in 0...bytes.count {
            #expect(try parse([Array(bytes[..<first]), Array(bytes[first...])]) == Self.parts, "cut at \(first)")
        }
    }

    @Test func aFormThatEndsEarlyIsMalformedWhereverItEnds() throws {
        let bytes = Array(Self.form.utf8)
        let last = bytes.count - "--\r\nnobody's either".utf8.count
        for end in 0..<last + 2 {
            #expect(throws: MultipartParser.Malformed.self, "ends at \(end)") { try parse([Array(bytes[..<end])]) }
        }
    }

    @Test(arguments: [
        "--b\r\n\r\nx\r\n--b--", "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; filename=a\r\n\r\nx\r\n--b--", "", "--", "--b", "--b--x", "nonsense",
        "--b\r\nContent-Disposition: form-data; name=a\r\nx\r\n--b--",
    ])
    func whatIsNoFormIsMalformed(text: String) throws {
        if text == "--b--x" {
            #expect(try parse([Array(text.utf8)]) == [])
        } else {
            #expect(throws: MultipartParser.Malformed.self) { try parse([Array(text.utf8)]) }
        }
    }

    @Test func longHeadersAndManyPartsAreMalformed() {
        let long = "--b\r\nX: " + String(repeating: "x", count: MultipartParser.maximumHeaderBytes)
        #expect(throws: MultipartParser.Malformed.self) { try parse([Array(long.utf8)]) }
        #expect(throws: MultipartParser.Malformed.self) { try parse([Array("\(long)\r\n\r\n\r\n--b--".utf8)]) }
        let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        let many = String(repeating: part, count: 10_000) + "--b--"
        #expect(throws: MultipartParser.Malformed.self) { try parse([Array(many.utf8)]) }
    }

    @Test func whatIsKeptIsBounded() throws {
        // A delimiter that never ends, and one that begins all the time.
        let body = "--b\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n"
        let tail = Array(String(repeating: "\r\n--b \t_", count: 100_000).utf8)
        let parts = try parse([Array(body.utf8), tail, Array("\r\n--b--".utf8)])
        #expect(parts.first?.content == tail)
    }

    @Test(arguments: ["", "a ", "ä", String(repeating: "b", count: 71), "a\u{7F}"])
    func aBoundaryHasItsGrammar(boundary: String) {
        #expect(MultipartParser(boundary: boundary) == nil)
    }

    private func parse(_ chunks: [[UInt8]]) throws -> [Part] {
        var parser = try #require(MultipartParser(boundary: "b"))
        var parts: [Part] = []
        for chunk in chunks {
            try chunk.withUnsafeBytes { bytes in
                try parser.feed(bytes) { event in
                    switch event {
                    case .part(let headers): parts.append(Part(name: headers.name, fileName: headers.fileName))
                    case .data(let data): parts[parts.count - 1].content += Array(data)
                    case .partEnd: parts[parts.count - 1].isWhole = true
                    }
                }
            }
        }
        try parser.finish()
        return parts
    }
}
