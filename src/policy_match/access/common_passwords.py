"""Long passwords that everybody tries first, in small letters."""

from __future__ import annotations

# fmt: off
COMMON = (
    "1234567890", "12345678910", "123456789012", "1234567890123", "0123456789", "0987654321", "9876543210",
    "123123123123", "111222333444", "112233445566", "121212121212", "147258369147", "password123", "password1234",
    "password12345", "passw0rd123", "p@ssw0rd123", "p@ssword1234", "qwertyuiop", "qwertyuiop123", "qwerty123456",
    "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qaz@wsx3edc", "q1w2e3r4t5", "zaq12wsxcde3", "abcdefghij",
    "abcdefghijkl", "abcd12345678", "abc123456789", "a1234567890", "aa123456789", "admin123456", "administrator",
    "admin@123456", "administrator123", "changzhou123", "changzhou2024", "changzhou2025", "changzhou2026",
    "woaini1314520", "woaini123456", "5201314520", "iloveyou1234", "letmein12345", "welcome12345", "welcome@2024",
    "welcome@2025", "welcome@2026", "aa12345678@",
)
# fmt: on
