import GRDB
import JobModel
import JobStorage

extension JobQuery {
    /// One page, row by row; asks for one job more to know whether another follows.
    func fetch(_ database: Database) throws -> JobPage {
        if let text { database.add(function: Self.finder(of: text)) }
        let (condition, arguments) = self.condition
        let direction = isOldestFirst ? "ASC" : "DESC"
        let rows = try Row.fetchCursor(
            database,
            sql: """
                \(JobColumn.listedSelection) WHERE \(condition)
                ORDER BY created_at \(direction), job.number \(direction) LIMIT \(limit + 1)
                """,
            arguments: arguments)
        var page = JobPage(jobs: [], next: nil)
        var (count, bytes): (Int, Int) = (0, 0)
        var last: Position?
        while let row = try rows.next() {
            if count == limit || bytes > Self.byteLimit {
                page.next = last
                break
            }
            count += 1
            last = Position(createdAt: Timestamp(stored: row[.createdAt]), number: row[.number])
            do {
                let job = try Job(row)
                bytes += job.listedByteCount
                page.jobs.append(job)
            } catch let error as DamagedRecord {
                page.damage.append(error.reason)
            }
        }
        return page
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
        if let owner {
            terms.append("owner = ?")
            arguments += [owner]
        }
        if let createdSince {
            terms.append("created_at >= ?")
            arguments += [createdSince.milliseconds]
        }
        if let createdBefore {
            terms.append("created_at < ?")
            arguments += [createdBefore.milliseconds]
        }
        if let endedBefore {
            terms.append("finished_at < ?")
            arguments += [endedBefore.milliseconds]
        }
        if let after {
            terms.append("(created_at, job.number) \(isOldestFirst ? ">" : "<") (?, ?)")
            arguments += [after.createdAt.milliseconds, after.number]
        }
        if text != nil { terms.append("\(Self.finder)(id, message, file_names, \(Self.failure))") }
        return (terms.joined(separator: " AND "), arguments)
    }

    /// What a job says of its failure; damaged text says nothing, and the rest of the list is read.
    private static let failure =
        "CASE WHEN json_valid(job_detail.error) THEN json_extract(job_detail.error, '$.message') END"

    /// An SQL function: whether a job's id, message, one of its file names, on a line each, or its error's message is what
    /// is looked for.
    private static let finder = "is_looked_for"

    private static func finder(of text: String) -> DatabaseFunction {
        let text = SearchText(text)
        return DatabaseFunction(finder, argumentCount: 4, pure: true) { values in
            if let id = String.fromDatabaseValue(values[0]).flatMap(JobID.init), text.begins(id) { return true }
            return values.dropFirst().contains { String.fromDatabaseValue($0).map(text.isIn) == true }
        }
    }
}
