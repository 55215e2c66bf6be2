"""What several rooms of tests share: servers, shops and conditions to wait on."""
