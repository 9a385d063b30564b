package import JSON

/// What new jobs are to be that are made together.
package struct BatchCreation: Hashable, Sendable {
    /// Chosen as a job's id is; one that exists is answered with the batch that has it.
    package let batchId: BatchID
    /// Nil for nobody's.
    package let owner: String?
    /// An object, of the batch itself; its jobs have theirs.
    package let metadata: JSONText
    /// As many as ``Limits/batchJobs`` allows.
    package let jobs: [Creation]
    /// Waits for all of them.
    package let then: Creation?

    package init(batchId: BatchID, owner: String? = nil, metadata: JSONText, jobs: [Creation], then: Creation? = nil) {
        self.batchId = batchId
        self.owner = owner
        self.metadata = metadata
        self.jobs = jobs
        self.then = then
    }
}
