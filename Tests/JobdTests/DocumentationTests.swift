import FoundationEssentials
import Testing

/// What targets show each other says what its signature cannot.
@Suite(.timeLimit(.minutes(5)))
struct DocumentationTests {
    @Test(arguments: ["JobModel", "JobStorage", "JobWire"])
    func everyPackageDeclarationHasItsSentence(target: String) throws {
        let sources = try Self.sources(of: target)
        #expect(sources.count > 5)
        let requirements = Set(sources.flatMap { $0.requirements.map(\.name) })
        for source in sources {
            for declaration in source.declarations + source.requirements where !declaration.isDocumented {
                // What a protocol asks for is described there.
                guard declaration.isRequirement || !requirements.contains(declaration.name) else { continue }
                Issue.record("\(source.file):\(declaration.line) has no sentence: \(declaration.text)")
            }
        }
    }

    @Test func whatHasNoSentenceIsFound() {
        let source = Source(
            file: "a",
            text: """
                package struct A {
                    /// Said.
                    @discardableResult
                    package let b: Int
                    package let c: Int
                    package init(b: Int) {
                        self.b = b
                        c = 1
                    }
                    package init() { self.init(b: count()) }
                }
                /// Said.
                package protocol P {
                    /// Said.
                    func d()
                    var e: Int { get }
                }
                """)
        #expect(source.declarations.filter { !$0.isDocumented }.map(\.line) == [1, 5, 10])
        #expect(source.requirements.filter { !$0.isDocumented }.map(\.line) == [16])
    }

    private static func sources(of target: String) throws -> [Source] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/\(target)")
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false))
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            Source(file: name, text: try String(contentsOf: root.appending(path: name), encoding: .utf8))
        }
    }
}

/// A file of Swift, as far as lines tell what is in it: this project is formatted by a tool.
private struct Source {
    struct Declaration {
        let line: Int
        let text: String
        let name: String
        var isRequirement = false
        let isDocumented: Bool
    }

    let file: String
    private(set) var declarations: [Declaration] = []
    private(set) var requirements: [Declaration] = []

    init(file: String, text: String) {
        self.file = file
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var protocolIndent: Int?
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            let indent = line.prefix { $0 == " " }.count
            if words.first == "}", indent == protocolIndent { protocolIndent = nil }
            if protocolIndent == indent - 4, ["func", "var", "init", "associatedtype", "static"].contains(words.first) {
                requirements.append(Self.declaration(index, lines, isRequirement: true))
            }
            guard words.first == "package", words.dropFirst().first != "import" else { continue }
            if words.dropFirst().first == "protocol" { protocolIndent = indent }
            if !Self.onlyStores(index, lines) { declarations.append(Self.declaration(index, lines)) }
        }
    }

    private static func declaration(
        _ index: Int, _ lines: [Substring], isRequirement: Bool = false
    ) -> Declaration {
        let before = lines[..<index].last { !$0.drop { $0 == " " }.hasPrefix("@") }
        let text = String(lines[index].drop { $0 == " " })
        return Declaration(
            line: index + 1, text: text, name: name(in: text), isRequirement: isRequirement,
            isDocumented: before?.drop { $0 == " " }.hasPrefix("///") ?? false)
    }

    private static func name(in text: String) -> String {
        guard let match = text.firstMatch(of: #/\b(?:func|var|let) `?(\w+)/#) else { return text }
        return String(match.1)
    }

    /// Whether it is an initializer whose parameters are the fields: what they are is said there.
    private static func onlyStores(_ index: Int, _ lines: [Substring]) -> Bool {
        let head = lines[index]
        guard head.contains("package init(") else { return false }
        let indent = String(head.prefix { $0 == " " })
        let rest = lines[index...].prefix { $0 != indent + "}" }
        guard let open = rest.firstIndex(where: { $0.hasSuffix("{") }) else { return false }
        return rest[(open + 1)...].allSatisfy { $0.contains(#/^\s+(self\.)?\w+ = \S+$/#) }
    }
}
