import GRDB
import JobModel
import JobStorage

extension JobQuery {
    /// One page; asks for one job more to know whether another follows.
    func fetch(_ database: Database) throws -> JobPage {
        let (condition, arguments) = self.condition
        var jobs = try Job.fetchAll(
            database, where: "\(condition) ORDER BY created_at DESC, job.number DESC LIMIT \(limit + 1)",
            arguments: arguments)
        guard jobs.count > limit else { return JobPage(jobs: jobs, next: nil) }
        jobs.removeLast()
        return JobPage(jobs: jobs, next: jobs.last.map { Position($0) })
    }

    private var condition: (sql: String, arguments: StatementArguments) {
        var terms = ["gone_at IS NULL"]
        var arguments = StatementArguments()
        if !statuses.isEmpty {
            let words = statuses.map(\.rawValue).sorted()
            terms.append("status IN (\(words.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(words)
        }
        if let queue {
            terms.append("queue = ?")
            arguments += [queue]
        }
        if let jobType {
            terms.append("job_type = ?")
            arguments += [jobType]
        }
        if let after {
            terms.append("(created_at, job.number) < (?, ?)")
            arguments += [after.createdAt.milliseconds, after.number]
        }
        if let text {
            let pattern = Self.escaped(text)
            terms.append(
                #"(id LIKE ? ESCAPE '\' OR message LIKE ? ESCAPE '\' OR coalesce(file_names, '') LIKE ? ESCAPE '\')"#)
            arguments += ["\(pattern)%", "%\(pattern)%", "%\(pattern)%"]
        }
        return (terms.joined(separator: " AND "), arguments)
    }

    /// The text with the characters that mean something to LIKE made to stand for themselves.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if #"\%_"#.contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
