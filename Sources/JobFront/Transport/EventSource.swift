/// What feeds a stream of events; used on the event loop.
package protocol EventSource: AnyObject {
    /// The stream is there to be written to.
    func begin(on sink: any EventSink)

    /// The reader has caught up.
    func canWrite(to sink: any EventSink)

    /// The stream is over, by either side, or could not even begin; called once.
    func ended()
}
