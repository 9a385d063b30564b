package import JSON

extension Job {
    /// What it is done with: given when it is made, or later, all at once.
    package struct Input: Hashable, Sendable {
        /// In the order in which they were given; at most ``Limits/files``.
        package var files: [JobFile]
        /// Whether it was given, and has come whole; it may be something else than files.
        package var isWhole: Bool
        /// An object; at most ``Limits/metadataBytes``.
        package var metadata: JSONText
        /// The trace to which the request belongs that gave it, or else made the job.
        package var traceParent: TraceParent?

        package init(
            files: [JobFile] = [], isWhole: Bool, metadata: JSONText = .emptyObject, traceParent: TraceParent? = nil
        ) {
            self.files = files
            self.isWhole = isWhole
            self.metadata = metadata
            self.traceParent = traceParent
        }

        /// Whether it was named, and its bytes have not all come.
        package var awaitsBytes: Bool { !isWhole && files.contains { !$0.isWhole } }
    }
}
