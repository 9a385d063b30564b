/// The one bridge from the loop, which cannot wait, to what is asynchronous.
@discardableResult
func inBackground(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task { await work() }
}
