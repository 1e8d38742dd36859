"""The default catalogue of petition types, agencies, channels, rules and calendars."""
