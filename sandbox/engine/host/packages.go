package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages lists the provider plugins that the installed Python packages belong to, so that the
// engine can fetch them before the program starts.
//
// It reads the virtual environment's folder and starts no Python: the engine asks in every operation.
func (h *host) GetRequiredPackages(
	request context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	python, err := pythonFor(req.GetInfo())
	if err != nil {
		return nil, err
	}
	folder, err := python.VirtualEnvPath(request)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, file := range pluginFiles(folder) {
		dependency, err := packageOf(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if dependency != nil {
			response.Packages = append(response.Packages, dependency)
		}
	}
	return response, nil
}

// pluginFiles finds the files by which Python packages say that a provider plugin belongs to them.
func pluginFiles(virtualenv string) []string {
	if virtualenv == "" {
		return nil // The machine's own Python: the engine fetches each plugin when it meets the first resource.
	}
	var found []string
	for _, site := range []string{"lib/python*/site-packages", "Lib/site-packages"} {
		// The only error is a malformed pattern, which these are not.
		files, _ := filepath.Glob(filepath.Join(virtualenv, site, "*", "pulumi-plugin.json"))
		found = append(found, files...)
	}
	return found
}

// packageOf reads one such file. A package may also say that it has no plugin.
func packageOf(file string) (*pulumirpc.PackageDependency, error) {
	about, err := plugin.LoadPulumiPluginJSON(file)
	if err != nil || !about.Resource {
		return nil, err
	}
	name := about.Name
	if name == "" {
		folder := filepath.Base(filepath.Dir(file))
		name = strings.ReplaceAll(strings.TrimPrefix(folder, "pulumi_"), "_", "-")
	}
	return &pulumirpc.PackageDependency{
		Name:             name,
		Kind:             string(apitype.ResourcePlugin),
		Version:          about.Version,
		Server:           about.Server,
		Parameterization: parameterization(about.Parameterization),
	}, nil
}

func parameterization(from *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if from == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: from.Name, Version: from.Version, Value: from.Value}
}
