import JSON
import JobModel
import JobTesting
import Testing

/// Every field of an update in every state, compared with the table in the protocol page.
struct UpdateTableTests {
    static let table = ProtocolPage.updateTable
    static let states = LifeState.allCases.filter { $0 != .unknown && $0 != .gone }

    @Test func theTableHasEveryStateAndField() {
        #expect(Set(Self.table.map(\.command)) == Set(Self.states.map(\.rawValue)))
        #expect(Self.table.allSatisfy { Set($0.outcomes.keys) == Set(Update.Part.allCases.map(\.rawValue)) })
    }

    @Test(arguments: states, Update.Part.allCases)
    func aFieldIsTakenWhereTheTableSaysSo(state: LifeState, part: Update.Part) throws {
        let row = try #require(Self.table.first { $0.command == state.rawValue })
        let cell = try #require(row.outcomes[part.rawValue])
        let statuses = cell.split(separator: ", ").compactMap { Update.Status(rawValue: String($0)) }
        #expect(["yes", "no"].contains(cell) || !statuses.isEmpty)
        #expect(isTaken(part, in: state, status: nil) == (cell == "yes"))
        for status in Update.Status.allCases where state == .pending && part != .status {
            #expect(
                isTaken(part, in: state, status: status) == (cell == "yes" || statuses.contains(status)), "\(status)")
        }
    }

    private func isTaken(_ part: Update.Part, in state: LifeState, status: Update.Status?) -> Bool {
        var map = LifeState.map(with: state)
        let before = map.record(LifeState.id)
        var update = part.update
        if let status { update.status = status }
        do throws(JobError) {
            let events = try map.apply(.update(LifeState.id, update), at: LifeState.now)
            return !events.isEmpty || part == .status
        } catch {
            #expect(map.record(LifeState.id) == before, "a refused update changes nothing")
            return false
        }
    }
}

extension Update.Part {
    /// An update of this field alone.
    fileprivate var update: Update {
        switch self {
        case .status: Update(status: .processing)
        case .progress: Update(progress: 50)
        case .step: Update(step: .set("reading"))
        case .message: Update(message: .set("news"))
        case .metadata: Update(metadata: ["a": 1])
        case .result: Update(result: .set(JSONText(["rows": 1])))
        case .error: Update(error: JobFailure(code: "no", message: "No."))
        case .leaseSeconds: Update(leaseSeconds: 30)
        case .lines: Update(lines: [.init(stream: .stdout, text: "a line")])
        case .priority: Update(priority: 7)
        case .runAt: Update(runAt: .set(LifeState.now + .seconds(60)))
        }
    }
}
