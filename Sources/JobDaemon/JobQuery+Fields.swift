import JobStorage
import JobWire

extension JobQuery {
    /// What a request asks for.
    init(_ fields: JobQueryFields) {
        self.init(
            statuses: fields.statuses, queue: fields.queue, jobType: fields.jobType, text: fields.text,
            limit: fields.limit,
            after: fields.cursor.map { Position(createdAt: $0.createdAt, number: $0.number) })
        owner = fields.owner
        createdSince = fields.createdSince
        createdBefore = fields.createdBefore
        isOldestFirst = fields.isOldestFirst
    }
}
