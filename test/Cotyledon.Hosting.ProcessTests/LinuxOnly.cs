// These tests look into /proc and send signals.
[assembly: Platform("Linux")]
