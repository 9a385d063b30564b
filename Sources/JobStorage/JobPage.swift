import JSON
package import JobModel

/// A piece of a list.
package struct JobPage: Sendable {
    /// Without their results, artifacts and earlier attempts.
    package var jobs: [Job]
    /// Where the next page begins; nil at the end.
    package var next: JobQuery.Position?

    /// What is wrong with each job that cannot be read, a sentence each; the page has it not.
    package var damage: [String]

    package init(jobs: [Job], next: JobQuery.Position?, damage: [String] = []) {
        self.jobs = jobs
        self.next = next
        self.damage = damage
    }
}

extension Job {
    /// What the job takes in a list, roughly.
    package var listedByteCount: Int {
        let names = input.files.reduce(0) { $0 + $1.name.utf8.count + 256 }
        return 512 + input.metadata.byteCount + (progress.message?.utf8.count ?? 0) + names
    }
}
