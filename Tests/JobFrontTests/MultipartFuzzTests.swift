import FoundationEssentials
import JobTesting
import Testing

@testable import JobFront

/// The kept corpus of forms, good and hostile, and what becomes of them when bytes change.
///
/// `FUZZ=1000000 swift test --filter MultipartFuzz` goes on for as many inputs; one that is found is kept in the corpus.
@Suite(.timeLimit(.minutes(5)))
struct MultipartFuzzTests {
    /// What a body amounts to; nil when it is not a form.
    private typealias Outcome = [Part]?

    private struct Part: Hashable {
        let headers: MultipartHeaders
        var content: [UInt8] = []
        var isWhole = false
    }

    private static let corpus: [String: [UInt8]] = {
        let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures/multipart"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(into: [:]) { corpus, name in
            corpus[name] = (try? Data(contentsOf: URL(filePath: "\(folder)/\(name)"))).map { Array($0) }
        }
    }()

    @Test(arguments: [
        ("plain", 2), ("boundary-in-data", 1), ("preamble-and-epilogue", 1), ("no-end", nil as Int?),
        ("no-headers", nil),
        ("bare-line-feeds", nil), ("long-header", nil), ("many-headers", 1), ("names", 3), ("invalid-text", 1),
        ("empty-parts", 2), ("padding", 2), ("only-end", 0), ("two-delimiters", 1),
    ])
    func theCorpusIsUnderstoodHoweverItIsCut(name: String, parts: Int?) throws {
        let bytes = try #require(Self.corpus[name])
        let whole = try parse([bytes])
        #expect(whole?.count == parts)
        #expect(whole?.allSatisfy(\.isWhole) ?? true)
        #expect(try parse(bytes.map { [$0] }) == whole)
        for cut in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 200)) {
            #expect(try parse([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test func changedBytesNeverCrashAndCutsNeverMatter() throws {
        #expect(Self.corpus.count == 14)
        var dice = SeededGenerator(seed: 7)
        let names = Self.corpus.keys.sorted()
        let count = ProcessInfo.processInfo.environment["FUZZ"].flatMap { Int($0) } ?? 3000
        for _ in 0..<count {
            var bytes = Self.corpus[names.randomElement(using: &dice) ?? ""] ?? []
            for _ in 0..<Int.random(in: 1...8, using: &dice) { change(&bytes, &dice) }
            var chunks: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(Int.random(in: 1...200, using: &dice))
                chunks.append(Array(chunk))
                rest = rest.dropFirst(chunk.count)
            }
            try #require(try parse(chunks) == parse([bytes]), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Removes, repeats or replaces bytes, mostly with such as mean something.
    private func change(_ bytes: inout [UInt8], _ dice: inout SeededGenerator) {
        let words: [[UInt8]] = ["\r\n", "--b", "\r\n--b", "--", "\r", "\n", "\"", ";", "\r\n\r\n", "\0"].map {
            Array($0.utf8)
        }
        let place = Int.random(in: 0...bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &dice)))
        case 1: bytes.insert(contentsOf: words.randomElement(using: &dice) ?? [], at: place)
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
        default: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &dice) }
        }
    }

    private func parse(_ chunks: [[UInt8]]) throws -> Outcome {
        var parser = try #require(MultipartParser(boundary: "b"))
        var parts: [Part] = []
        do {
            for chunk in chunks {
                try chunk.withUnsafeBytes { bytes in
                    try parser.feed(bytes) { event in
                        switch event {
                        case .part(let headers): parts.append(Part(headers: headers))
                        case .data(let data): parts[parts.count - 1].content += Array(data)
                        case .partEnd: parts[parts.count - 1].isWhole = true
                        }
                    }
                }
            }
            try parser.finish()
            return parts
        } catch is MultipartParser.Malformed {
            return nil
        }
    }
}
