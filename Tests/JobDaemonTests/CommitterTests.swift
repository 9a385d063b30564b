import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct CommitterTests {
    private static let (mine, other) = (JobFile.sample("mine"), JobFile.sample("other"))

    /// What became of an adoption that the store did not take.
    enum Refusal: CaseIterable {
        case full, conflictWithoutRecord, conflictWithRecord, conflictWithOthers
    }

    /// However the map came to know of a file, it is forgotten when others were used since.
    @Test(arguments: Refusal.allCases)
    func aFileThatWasTakenBackIsForgottenLikeAnyOther(refusal: Refusal) throws {
        var committer = Committer(rules: DaemonHarness.rules, fileLimit: 2)
        let now = Timestamp(milliseconds: 1_000_000)
        committer.load(Snapshot(), records: [], at: now)
        committer.settle(Decision(proposal: Proposal(command: .recover), events: [], answer: .value(.null)))
        let step = committer.decide(Proposal(command: .adoptFile(Self.mine)), at: now, isIdle: true)
        guard case .write(let decision) = step else { return #expect(Bool(false), "\(step)") }
        #expect(committer.map.knows(Self.mine.fileId))

        func stored(_ file: JobFile) -> FileRecord { FileRecord(file: file, createdAt: now, uses: 0, revision: 1) }
        switch refusal {
        case .full: _ = committer.takeBack([decision], because: .full("full"), at: now)
        case .conflictWithoutRecord:
            _ = committer.takeBack([(decision, .conflict(.init(missing: [.file(Self.mine.fileId)])))], later: [])
        case .conflictWithRecord:
            _ = committer.takeBack([(decision, .conflict(.init(files: [stored(Self.mine)])))], later: [])
        case .conflictWithOthers:
            let files = [stored(Self.mine), stored(Self.other)]
            _ = committer.takeBack([(decision, .conflict(.init(files: files)))], later: [])
        }
        for name in ["a", "b", "c"] { committer.admit(stored(.sample(name))) }
        committer.forgetSurplus()
        #expect(!committer.map.knows(Self.mine.fileId) && !committer.map.knows(Self.other.fileId))
        #expect(committer.map.knows(JobFile.sample("c").fileId))
    }
}
