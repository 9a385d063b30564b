import JSON
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct CommandTemplateTests {
    @Test(arguments: [
        (["cat", "{input}"], ["cat", "/i/1"]), (["cat", "{inputs}", "-"], ["cat", "/i/1", "/i/2", "-"]),
        (["x", "{output:text.txt}"], ["x", "RUN/output/text.txt"]), (["x", "{workdir}"], ["x", "RUN/work"]),
        (["x", "{jobId}"], ["x", "sample"]),
        (["x", "{file.name}"], ["x", "n1.pdf"]), (["x", "a{input}", "{input}b"], ["x", "a{input}", "{input}b"]),
        (["x", "", "{", "}", "$HOME", "a b"], ["x", "", "{", "}", "$HOME", "a b"]), (["/bin/x"], ["/bin/x"]),
    ])
    func placesAreFilled(words: [String], expanded: [String]) throws {
        #expect(try CommandTemplate(words).expanded(with: values) == expanded)
    }

    @Test(arguments: [
        ("{metadata.a}", "text"), ("{metadata.n}", "1.50"), ("{metadata.yes}", "true"), ("{metadata.none}", ""),
        ("{metadata.o.p}", "deep"), ("{metadata.o}", #"{"p":"deep"}"#), ("{metadata.o.q}", ""), ("{metadata.a.b}", ""),
        ("{metadata.list}", "[1,2]"), ("{metadata.zero}", "a\u{FFFD}b"), ("{metadata.absent}", ""),
    ])
    func aFieldOfTheMetadataIsOneArgument(place: String, argument: String) throws {
        #expect(try CommandTemplate(["x", place]).expanded(with: values) == ["x", argument])
    }

    @Test func aPlaceWithoutAnInputIsEmptyOrGone() throws {
        var values = values
        values.inputs = []
        let command = try CommandTemplate(["x", "{inputs}", "{input}", "{file.name}", "-"])
        #expect(try command.expanded(with: values) == ["x", "", "", "-"])
    }

    /// A name that a stranger chose is never an option of a program.
    @Test(arguments: [
        (["x", "{file.name}"], false), (["x", "-o", "{metadata.a}"], false), (["sh", "{file.name}", "-c"], false),
        (["x", "--", "{file.name}"], true), (["x", "-v", "--", "{input}", "{metadata.a}"], true),
        (["sh", "-c", "echo", "sh", "{file.name}"], true),
    ])
    func aValueThatWouldBeAnOptionIsRefused(words: [String], isTaken: Bool) throws {
        let template = try CommandTemplate(words)
        var values = values
        values.inputs[0] = WorkingFile(index: 0, name: "--output=x", mediaType: "", path: "/i/1")
        values.job = .sample(metadata: ["a": "-rf"])
        #expect(((try? template.expanded(with: values)) != nil) == isTaken)
        #expect(try template.expanded(with: self.values).count == words.count)
    }

    private var values: CommandTemplate.Values {
        let metadata = #"{"a":"text","n":1.50,"yes":true,"none":null,"o":{"p":"deep"},"list":[1,2],"zero":"a\u0000b"}"#
        return CommandTemplate.Values(
            inputs: (1...2).map { WorkingFile(index: $0 - 1, name: "n\($0).pdf", mediaType: "", path: "/i/\($0)") },
            job: .sample(metadata: (try? .parse(metadata)) ?? [:]), workDirectory: "RUN/work",
            outputDirectory: "RUN/output")
    }

    @Test(arguments: [
        [], [""], ["{input}"], ["{program}", "x"], ["x", "{}"], ["x", "{INPUT}"], ["x", "{ input }"],
        ["x", "{output}"],
        ["x", "{output:}"], ["x", "{output:../x}"], ["x", "{output:a/b}"], ["x", "{output:.hidden}"],
        ["x", "{output:a b}"], ["x", "{metadata}"], ["x", "{metadata.}"], ["x", "{metadata.a..b}"], ["x", "{file}"],
    ])
    func whatIsNoTemplateIsRefusedInWords(words: [String]) {
        let mistake = #expect(throws: CommandTemplate.Mistake.self) { try CommandTemplate(words) }
        #expect(mistake?.description.isEmpty == false)
    }

    @Test(arguments: [
        ("a.pdf", "/1.pdf"), ("a.tar.gz", "/1.gz"), ("noending", "/1"), (".profile", "/1.profile"), ("a.", "/1"),
        ("a.p df", "/1"), ("a.toolongending", "/1"), ("a.é", "/1"), ("a.$(x)", "/1"), ("-rf.txt", "/1.txt"),
    ])
    func anInputKeepsOnlyAHarmlessEnding(name: String, path: String) throws {
        let file = JobFile(fileId: .named("f"), name: name, size: 0, mediaType: "text/plain", sha256: "")
        #expect("/" + RunInputs.name(0, file) == path)
    }
}
