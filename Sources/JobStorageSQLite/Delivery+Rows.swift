import GRDB
import JobModel
import JobStorage

extension Delivery {
    /// Adds a row; what waits for one of the same job before it is not due yet.
    func insert(into database: Database) throws {
        try database.run(
            """
            INSERT INTO delivery (id, webhook, job_id, moment, created_at, body, status, attempts, next_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CASE WHEN EXISTS (
                SELECT 1 FROM delivery INDEXED BY delivery_pending
                WHERE job_id = ?3 AND webhook = ?2 AND ended_at IS NULL
            ) THEN NULL ELSE ?9 END)
            """
        ) { row in
            row.bind(id.description)
            row.bind(webhook.description)
            row.bind(jobId.description)
            row.bind(moment.rawValue)
            row.bind(createdAt)
            row.bind(body)
            row.bind(status.rawValue)
            row.bind(tries.count)
            row.bind(tries.nextAt)
        }
    }

    /// Writes what became of it, and makes the next one of its job due when it has ended.
    func update(in database: Database, at now: Timestamp) throws {
        try database.execute(
            sql: """
                UPDATE delivery SET status = ?, attempts = ?, next_at = ?, ended_at = ?, tried_at = ?,
                    http_status = ?, problem = ? WHERE id = ?
                """,
            arguments: [
                status.rawValue, tries.count, tries.nextAt?.milliseconds, endedAt?.milliseconds,
                tries.lastAt?.milliseconds,
                tries.httpStatus, tries.problem, id.description,
            ])
        guard status != .pending, database.changesCount == 1 else { return }
        try database.execute(
            sql: """
                UPDATE delivery SET next_at = :now WHERE number = (
                    SELECT min(number) FROM delivery WHERE job_id = :job AND webhook = :webhook AND ended_at IS NULL
                ) AND NOT EXISTS (
                    SELECT 1 FROM delivery
                    WHERE job_id = :job AND webhook = :webhook AND ended_at IS NULL AND next_at IS NOT NULL
                )
                """,
            arguments: ["now": now.milliseconds, "job": jobId.description, "webhook": webhook.description])
    }

    fileprivate static let selection = """
        SELECT number, id, webhook, job_id, moment, created_at, body, status, attempts, next_at, ended_at, tried_at,
            http_status, problem FROM delivery
        """

    /// Nil for a row that means nothing.
    fileprivate init?(_ row: Row) {
        guard let id = DeliveryID(row["id"] as String), let webhook = WebhookName(row["webhook"] as String),
            let jobId = JobID(row["job_id"] as String), let moment = Webhook.Moment(rawValue: row["moment"]),
            let status = Status(rawValue: row["status"])
        else { return nil }
        func time(_ column: String) -> Timestamp? { (row[column] as Int64?).map { Timestamp(milliseconds: $0) } }
        self.init(
            id: id, webhook: webhook, jobId: jobId, moment: moment,
            createdAt: Timestamp(milliseconds: row["created_at"]), body: row["body"])
        number = row["number"]
        self.status = status
        tries.count = row["attempts"]
        tries.nextAt = time("next_at")
        endedAt = time("ended_at")
        tries.lastAt = time("tried_at")
        tries.httpStatus = row["http_status"]
        tries.problem = row["problem"]
    }

    fileprivate static func fetchAll(
        _ database: Database, _ rest: String, _ arguments: StatementArguments
    ) throws -> [Delivery] {
        try Row.fetchAll(database, sql: "\(selection) \(rest)", arguments: arguments).compactMap { Delivery($0) }
    }

    static func fetch(_ database: Database, id: DeliveryID) throws -> Delivery? {
        try fetchAll(database, "WHERE id = ?", [id.description]).first
    }

    static func fetchPage(_ database: Database, _ query: DeliveryQuery) throws -> [Delivery] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        add("webhook = ?", query.webhook?.description)
        add("job_id = ?", query.jobId?.description)
        add("status = ?", query.status?.rawValue)
        add("number < ?", query.before)
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        arguments += [query.limit]
        return try fetchAll(database, "\(filter) ORDER BY number DESC LIMIT ?", arguments)
    }

    /// By the index alone, but for one row of each webhook.
    static func countPending(_ database: Database) throws -> [WebhookName: PendingDeliveries] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT waiting.webhook, waiting.count, delivery.created_at FROM (
                    SELECT webhook, count(*) AS count, min(number) AS first
                    FROM delivery INDEXED BY delivery_pending WHERE ended_at IS NULL GROUP BY webhook
                ) AS waiting JOIN delivery ON delivery.number = waiting.first
                """)
        return rows.reduce(into: [:]) { pending, row in
            guard let name = WebhookName(row["webhook"] as String) else { return }
            pending[name] = PendingDeliveries(
                count: row["count"], since: Timestamp(milliseconds: row["created_at"]))
        }
    }

    static func fetchStrays(
        _ database: Database, createdBefore moment: Timestamp, except webhooks: [WebhookName], limit: Int
    ) throws -> [Delivery] {
        let marks = webhooks.map { _ in "?" }.joined(separator: ", ")
        var arguments: StatementArguments = [moment.milliseconds]
        for name in webhooks { arguments += [name.description] }
        arguments += [limit]
        return try fetchAll(
            database,
            "INDEXED BY delivery_pending WHERE ended_at IS NULL AND created_at < ? AND webhook NOT IN (\(marks)) LIMIT ?",
            arguments)
    }

    /// The oldest go first.
    static func delete(
        _ database: Database, endedBefore moment: Timestamp, keeping count: Int, limit: Int
    ) throws -> Int {
        let newestToGo = try Int64.fetchOne(
            database,
            sql: """
                SELECT ended_at FROM delivery INDEXED BY delivery_ended WHERE ended_at IS NOT NULL
                ORDER BY ended_at DESC, number DESC LIMIT 1 OFFSET ?
                """, arguments: [count])
        try database.execute(
            sql: """
                DELETE FROM delivery WHERE number IN (
                    SELECT number FROM delivery INDEXED BY delivery_ended
                    WHERE ended_at IS NOT NULL AND (ended_at < ? OR ended_at <= ?)
                    ORDER BY ended_at, number LIMIT ?)
                """, arguments: [moment.milliseconds, newestToGo ?? .min, limit])
        return database.changesCount
    }
}

extension DueDeliveries {
    init(_ database: Database, of webhooks: [WebhookName: Int], at now: Timestamp) throws {
        self.init()
        for (name, limit) in webhooks.sorted(by: { $0.key < $1.key }) {
            deliveries += try Delivery.fetchAll(
                database, "WHERE webhook = ? AND next_at <= ? ORDER BY next_at, number LIMIT ?",
                [name.description, now.milliseconds, limit])
            let later = try Int64.fetchOne(
                database, sql: "SELECT min(next_at) FROM delivery WHERE webhook = ? AND next_at > ?",
                arguments: [name.description, now.milliseconds])
            next = [next, later.map { Timestamp(milliseconds: $0) }].compactMap(\.self).min()
        }
    }
}
