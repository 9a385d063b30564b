import JobModel
import JobTesting
import Testing

@testable import JobFiles
@testable import JobProcessing

struct CommandTemplateTests {
    @Test(arguments: [
        (["{input}"], ["in/1.pdf"]), (["{inputs}"], ["in/1.pdf", "in/2"]),
        (["-o", "{output:a.txt}"], ["-o", "/a.txt"]),
        (["{jobId}"], ["sample"]), (["x{input}"], ["x{input}"]), (["{input}x"], ["{input}x"]), ([""], [""]),
        (["$HOME", "*", ";", "{}{"], ["$HOME", "*", ";", "{}{"]),
    ])
    func placesAreWholeArgumentsAndNoShellIsThere(words: [String], expected: [String]) throws {
        let directory = TemporaryDirectory()
        let run = try RunDirectory(for: .sample(), in: FilesArea(directory: directory.path))
        let template = try CommandTemplate(["program"] + words)
        let line = template.expanded(inputs: ["in/1.pdf", "in/2"], run: run, jobId: .sample)
        #expect(line == ["program"] + expected.map { $0 == "/a.txt" ? "\(run.output)/a.txt" : $0 })
    }

    @Test func withoutFilesTheInputIsEmpty() throws {
        let directory = TemporaryDirectory()
        let run = try RunDirectory(for: .sample(), in: FilesArea(directory: directory.path))
        let template = try CommandTemplate(["p", "{input}", "{inputs}", "end"])
        #expect(template.expanded(inputs: [], run: run, jobId: .sample) == ["p", "", "end"])
    }

    @Test(arguments: [
        [], [""], ["{input}"], ["p", "{nonsense}"], ["p", "{output:}"], ["p", "{output:../a}"], ["p", "{output:.a}"],
        ["p", "{output:a/b}"], ["p", "{}"],
    ])
    func whatCannotBeMeantIsRefused(words: [String]) {
        #expect(throws: CommandTemplate.Mistake.self) { try CommandTemplate(words) }
    }
}
