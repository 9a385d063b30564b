import JSON
import Testing

@testable import JobControl

@Suite(.timeLimit(.minutes(5)))
struct JobRowsTests {
    private static func job(_ id: String, _ status: String, file: String = "contract.pdf", message: String = "")
        -> JobView
    {
        JobView(json: [
            "jobId": .string(id), "jobType": "file_processing", "status": .string(status), "progress": 12,
            "queue": "default", "createdAt": "2026-11-23T12:00:00.000Z", "files": [["name": .string(file)]],
            "message": .string(message),
        ])
    }

    private static let jobs = [
        job("a", "processing", message: String(repeating: "A long sentence. ", count: 20)),
        job("b-7", "failed", file: String(repeating: "long", count: 50) + ".pdf"),
    ]

    @Test(arguments: [30, 60, 80, 100, 200])
    func everyLineFitsTheTerminal(width: Int) {
        let lines = JobRows(jobs: Self.jobs).lines(width: width)
        #expect(lines.count == 3 && lines.allSatisfy { $0.count <= width }, "\(lines)")
        #expect(lines[0].hasPrefix("ID "))
    }

    @Test func withoutATerminalNothingIsLeftOut() {
        let lines = JobRows(jobs: Self.jobs).lines(width: nil)
        #expect(lines[1].contains("A long sentence. A long sentence.") && lines[2].contains("longlonglong"))
    }

    /// Without their colours, the lines are the same.
    @Test func coloursTakeNoRoom() {
        let list = JobRows(jobs: Self.jobs)
        let painted = list.lines(width: 80, paint: Paint(isOn: true))
        #expect(
            painted[1].contains("\u{1B}[36mprocessing\u{1B}[0m") && painted[2].contains("\u{1B}[31mfailed\u{1B}[0m"))
        #expect(painted.map { $0.replacing(#/\u{1B}\[\d+m/#, with: "") } == list.lines(width: 80))
    }
}
