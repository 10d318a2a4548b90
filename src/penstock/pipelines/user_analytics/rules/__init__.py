"""The rules of user analytics: functions of values, which know no file, no database and no clock."""
