import JSON
import JobModel
import JobWire

/// Jobs as the rows of a table that fits the terminal.
struct JobRows {
    private struct Column: Sendable {
        let heading: String
        /// Those that go first when there is no room have the highest; 0 always stays.
        let rank: Int
        /// Whether its text may be cut.
        var isElastic = false
        /// Whether it has the states, which have colours.
        var isStatus = false
        let text: @Sendable (JobView) -> String
    }

    private static let columns = [
        Column(heading: "ID", rank: 0) { $0.id },
        Column(heading: "STATUS", rank: 0, isStatus: true) { $0.statusWord },
        Column(heading: "PROGRESS", rank: 1) { $0.percent },
        Column(heading: "AGE", rank: 2) { $0.age },
        Column(heading: "TYPE", rank: 4) { $0.json["jobType"]?.string ?? "" },
        Column(heading: "QUEUE", rank: 5) { $0.json["queue"]?.string ?? "" },
        Column(heading: "FILE", rank: 1, isElastic: true) { $0.fileName },
        Column(heading: "REMARK", rank: 3, isElastic: true) { $0.remark },
    ]
    /// What is left of a text that is cut.
    private static let leastWidth = 12

    let jobs: [JobView]

    /// A line for each job under the headings; with a width, columns are left out and cut until they fit.
    func lines(width: Int?, paint: Paint = Paint(isOn: false)) -> [String] {
        var columns = Self.columns
        func aligned(_ table: [[String]]) -> [String] {
            Output.aligned(table) { columns[$0].isStatus ? paint.status($1) : $1 }
        }
        guard let width else { return aligned(table(columns)) }
        while true {
            let table = table(columns)
            let widths = columns.indices.map { index in table.map { $0[index].count }.max() ?? 0 }
            let tooMuch = widths.reduce(2 * (columns.count - 1), +) - width
            let elastic = columns.indices.filter { columns[$0].isElastic }
            let spare = elastic.map { max(0, widths[$0] - Self.leastWidth) }.reduce(0, +)
            if tooMuch <= spare {
                return aligned(cut(table, columns: elastic, widths: widths, by: max(0, tooMuch)))
            }
            guard let last = columns.indices.max(by: { columns[$0].rank < columns[$1].rank }), columns[last].rank > 0
            else { return aligned(table) }
            columns.remove(at: last)
        }
    }

    private func table(_ columns: [Column]) -> [[String]] {
        [columns.map(\.heading)] + jobs.map { job in columns.map { Output.printable($0.text(job)) } }
    }

    /// Takes characters from the wider of the columns first.
    private func cut(_ table: [[String]], columns: [Int], widths: [Int], by count: Int) -> [[String]] {
        var widths = widths
        for _ in 0..<count {
            guard let widest = columns.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return table.map { row in row.indices.map { Output.fitted(row[$0], to: widths[$0]) } }
    }
}

extension JobView {
    /// The first file's name, and how many there are more.
    var fileName: String {
        let files = json["files"]?.array ?? []
        guard let name = files.first?["name"]?.string else { return "" }
        return files.count > 1 ? "\(name) +\(files.count - 1)" : name
    }

    /// Since its creation, in its largest unit.
    fileprivate var age: String {
        guard let created = json["createdAt"]?.string.flatMap({ Timestamp($0) }) else { return "" }
        let seconds = max(0, (Timestamp.now.milliseconds - created.milliseconds) / 1000)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
