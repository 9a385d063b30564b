import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

struct CommandTemplateTests {
    @Test(arguments: [
        (["cat", "{input}"], ["cat", "/i/1"]), (["cat", "{inputs}", "-"], ["cat", "/i/1", "/i/2", "-"]),
        (["x", "{output:text.txt}"], ["x", "RUN/output/text.txt"]), (["x", "{workdir}"], ["x", "RUN/work"]),
        (["x", "{jobId}"], ["x", "sample"]), (["x", "a{input}", "{input}b"], ["x", "a{input}", "{input}b"]),
        (["x", "", "{", "}", "$HOME", "a b"], ["x", "", "{", "}", "$HOME", "a b"]), (["/bin/x"], ["/bin/x"]),
    ])
    func placesAreFilled(words: [String], expanded: [String]) throws {
        let directory = TemporaryDirectory()
        let area = try FilesArea(directory: directory.appending("s"))
        let run = try RunDirectory(for: .sample(), in: area)
        let command = try CommandTemplate(words).expanded(inputs: ["/i/1", "/i/2"], run: run, jobId: .sample)
        #expect(command.map { $0.replacing(run.path, with: "RUN") } == expanded)
    }

    @Test func aPlaceWithoutAnInputIsEmptyOrGone() throws {
        let directory = TemporaryDirectory()
        let area = try FilesArea(directory: directory.appending("s"))
        let run = try RunDirectory(for: .sample(), in: area)
        let command = try CommandTemplate(["x", "{inputs}", "{input}", "-"])
        #expect(command.expanded(inputs: [], run: run, jobId: .sample) == ["x", "", "-"])
    }

    @Test(arguments: [
        [], [""], ["{input}"], ["{program}", "x"], ["x", "{}"], ["x", "{INPUT}"], ["x", "{ input }"],
        ["x", "{output}"],
        ["x", "{output:}"], ["x", "{output:../x}"], ["x", "{output:a/b}"], ["x", "{output:.hidden}"],
        ["x", "{output:a b}"],
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
        let directory = TemporaryDirectory()
        let run = try RunDirectory(for: .sample(), in: FilesArea(directory: directory.appending("s")))
        let file = JobFile(fileId: .named("f"), name: name, size: 0, mediaType: "text/plain", sha256: "")
        #expect(run.input(0, file) == run.path + "/input" + path)
    }
}
