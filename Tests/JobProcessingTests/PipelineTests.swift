import JSON
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct PipelineTests {
    private static let types = ["application/pdf", "image/png", "image/jpeg", "text/plain"]
    private let files = Self.types.enumerated().map { index, type in
        WorkingFile(index: index, name: "\(index)", mediaType: type, path: "")
    }

    @Test(
        arguments: [
            ([], [0, 1, 2, 3]), (["image/*"], [1, 2]), (["image/png"], [1]),
            (["text/plain", "application/pdf"], [0, 3]),
            (["*"], [0, 1, 2, 3]), (["*/*"], []), (["image"], []), (["video/*"], []), (["image/p*"], []),
            (["image/*", "image/png"], [1, 2]),
        ] as [([String], [Int])])
    func aStepIsForTheFilesOfItsTypes(patterns: [String], indexes: [Int]) throws {
        let condition = StepCondition(mediaTypes: patterns)
        #expect(condition.files(of: files).map(\.index) == indexes)
    }

    @Test(.timeLimit(.minutes(5)))
    func aStepThatDoesNotApplyIsLeftOut() async throws {
        let bench = try ProcessorBench([
            .script("echo pdf", name: "pdf", when: StepCondition(mediaTypes: ["application/pdf"])),
            .script("cat \"$@\"", ["{inputs}"], name: "text", when: StepCondition(mediaTypes: ["text/*"])),
            .script("echo $#", ["{inputs}"], name: "all"),
        ])
        let files = [
            try bench.store(Array("one\n".utf8), name: "one.txt"), try bench.store([0, 1, 2], name: "x.pdf"),
            try bench.store(Array("two\n".utf8), name: "two.txt"),
        ]
        let ended = await bench.run(files)
        #expect(ended.texts("stdout") == ["one", "two", "3"])
        #expect(ended.result?["steps"]?.array?.map { $0["name"] } == ["text", "all"])
    }
}
