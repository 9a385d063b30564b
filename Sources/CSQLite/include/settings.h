// Settings of SQLite that Swift cannot make, because their functions take any number of arguments.

#ifndef JOBD_SQLITE_SETTINGS_H
#define JOBD_SQLITE_SETTINGS_H

/// Has SQLite not count what memory it uses: for that, each allocation of every thread would take the same lock twice.
///
/// Before the process opens its first database, or nothing happens.
void sqlite_count_no_memory(void);

#endif
