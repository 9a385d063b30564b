/// What feeds an event stream; used on the event loop.
protocol EventSource: AnyObject {
    /// The stream is there to be written to.
    func begin(on stream: EventStream)

    /// The reader has caught up.
    func canWrite(to stream: EventStream)

    /// The stream is over, by either side, or could not even begin; called once.
    func ended()
}
