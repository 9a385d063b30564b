import FoundationEssentials
import JobTesting
import Testing

/// The records of decisions, which others refer to by number.
struct DecisionTests {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/jobd/jobd.docc/Decisions")
    }

    private static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test func numbersAreGivenOnceAndInOrder() {
        #expect(Self.names.compactMap { Int($0.prefix(4)) } == Array(1...max(Self.names.count, 1)))
    }

    @Test(arguments: names)
    func eachSaysItsNumberAndSinceWhenItIsInForce(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let number = try #require(Int(name.prefix(4)))
        #expect(text.hasPrefix("# \(number). "))
        let status = text.split(separator: "\n").dropFirst().first ?? ""
        let pattern = #/\*\*(In force|Superseded by \d+)\*\* since \d{4}-\d\d-\d\d\./#
        #expect(status.wholeMatch(of: pattern) != nil, "\(status)")
    }
}
