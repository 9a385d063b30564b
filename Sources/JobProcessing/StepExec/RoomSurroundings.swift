import JobSystem

/// What a process that makes rooms has for all of them.
struct RoomSurroundings {
    /// Where each step has a control group of its own; nil where there are none.
    let groups: StepGroups?
    /// Whether it sees no network itself, so that rooms need none of their own.
    let isWithoutNetwork: Bool
}
