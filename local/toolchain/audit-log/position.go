package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// position is how far the log is printed: a file by its inode, and the number of its bytes.
type position struct {
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
}

// load reads what save wrote; nothing where there is no such file yet.
func (p *position) load(path string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, p); err != nil {
		return fmt.Errorf("%s is damaged: delete it: %w", path, err)
	}
	return nil
}

// save replaces the file in one step.
func (p *position) save(path string) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	aside := path + ".new"
	if err := os.WriteFile(aside, content, 0o600); err != nil {
		return err
	}
	return os.Rename(aside, path)
}
