import JobSystem

/// What a process that makes rooms has that is the same for all of them.
struct RoomPlace {
    /// Whether it sees no network itself, so that rooms need none of their own.
    let isWithoutNetwork: Bool
    /// Where each step gets a control group of its own; nil where there are none.
    let groups: StepGroups?
}
